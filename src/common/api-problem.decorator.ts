import { applyDecorators, type HttpStatus } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { Problem } from './problem';

/** Describes an error answer of a route: a problem document. */
export function ApiProblem(status: HttpStatus, description: string): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(Problem),
    ApiResponse({
      status,
      description,
      content: { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } },
    }),
  );
}
