import { applyDecorators, HttpStatus } from '@nestjs/common';
import { ApiExtraModels, ApiParam, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { Problem } from './problem';

/** Describes an error answer of a route, or of all routes of a controller: a problem document. */
export function ApiProblem(
  status: HttpStatus,
  description: string,
): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiExtraModels(Problem),
    ApiResponse({
      status,
      description,
      content: { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } },
    }),
  );
}

/** Describes the path's `order_id`, and what an id that does not fit is answered with. */
export function ApiOrderId(): MethodDecorator {
  return applyDecorators(
    ApiParam({ name: 'order_id', schema: { type: 'integer', minimum: 1, example: 2 } }),
    ApiProblem(HttpStatus.NOT_FOUND, 'There is no such order.'),
    ApiProblem(HttpStatus.UNPROCESSABLE_ENTITY, 'The id is not a positive whole number.'),
  );
}
