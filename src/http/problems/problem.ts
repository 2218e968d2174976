import { STATUS_CODES } from 'node:http';
import { ApiProperty } from '@nestjs/swagger';
import type { FieldError } from '../../common/domain-error';

export const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

class FieldErrorDto implements FieldError {
  @ApiProperty({
    example: '/total_amount',
    description: 'JSON pointer (RFC 6901) into the request.',
  })
  pointer!: string;

  @ApiProperty({ example: 'must be 55.00' })
  message!: string;
}

/** A problem document (RFC 9457). */
export class Problem {
  @ApiProperty({ example: 'urn:problem:total_mismatch', description: 'Names the kind of problem.' })
  type!: string;

  @ApiProperty({ example: 'The total does not fit the items' })
  title!: string;

  @ApiProperty({ type: 'integer', example: 422 })
  status!: number;

  @ApiProperty({ example: "The catalog's prices of these items add up to 55.00." })
  detail!: string;

  @ApiProperty({ example: '/order/create_order', description: 'The path that was called.' })
  instance!: string;

  @ApiProperty({ example: 'total_mismatch', description: 'Stable; programs decide by it.' })
  code!: string;

  @ApiProperty({ type: [FieldErrorDto], required: false })
  errors?: readonly FieldError[];
}

/** The parts of a problem that its origin knows; the rest follows from the request. */
export interface ProblemParts {
  readonly status: number;
  readonly code: string;
  readonly title?: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

export function toProblem(parts: ProblemParts, instance: string): Problem {
  const { status, code, title, detail, errors = [] } = parts;
  return {
    type: `urn:problem:${code}`,
    title: title ?? STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    instance,
    code,
    ...(errors.length > 0 && { errors }),
  };
}
