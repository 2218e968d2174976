import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiParam, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { FieldError } from '../../common/domain-error';
import { INVALID_ORDER_ID } from '../validation/id.pipe';
import { ValidationError } from '../validation/request-errors';
import { exampleOf, Problem, toProblem } from './problem';
import { PROBLEMS, type ProblemCode } from './problem-catalog';

/**
 * Describes the problems that a route, or every route of a controller, can answer with: one response for each status,
 * with an example for each code. Swagger keeps one description for each status, so a route names all its codes at once.
 */
export function ApiProblems(...codes: ProblemCode[]): MethodDecorator & ClassDecorator {
  const examples = new Map(codes.map((code) => [code, exampleOf(code)] as const));
  return describe(examples);
}

/**
 * Describes the answer to an invalid field of this route.
 *
 * @param instance a path of the route
 */
export function ApiInvalidField(instance: string, field: FieldError): MethodDecorator {
  const { message: detail, errors } = new ValidationError([field]);
  const example = toProblem('validation_failed', { detail, instance, errors });
  return describe(new Map([['validation_failed', example]]));
}

/** Describes the path's `order_id`, and the answers to one that is unknown or invalid. */
export function ApiOrderId(): MethodDecorator {
  return applyDecorators(
    ApiParam({ name: 'order_id', schema: { type: 'integer', minimum: 1, example: 2 } }),
    ApiProblems('order_not_found'),
    ApiInvalidField('/order/get_order/0', INVALID_ORDER_ID),
  );
}

function describe(examples: ReadonlyMap<ProblemCode, Problem>): MethodDecorator & ClassDecorator {
  const statuses = new Set([...examples.values()].map(({ status }) => status));
  return applyDecorators(
    ApiExtraModels(Problem),
    ...[...statuses].map((status) => {
      const codes = [...examples.keys()].filter((code) => PROBLEMS[code].status === status);
      return ApiResponse({
        status,
        description: codes.map((code) => PROBLEMS[code].title).join('; '),
        content: {
          'application/problem+json': {
            schema: { $ref: getSchemaPath(Problem) },
            examples: Object.fromEntries(
              codes.map((code) => [
                code,
                { summary: PROBLEMS[code].title, value: examples.get(code) },
              ]),
            ),
          },
        },
      });
    }),
  );
}
