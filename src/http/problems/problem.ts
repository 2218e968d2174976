import { ApiProperty } from '@nestjs/swagger';
import type { FieldError } from '../../common/domain-error';
import { PROBLEM_CODES, PROBLEMS, problemType, type ProblemCode } from './problem-catalog';
import type { ProblemOccurrence } from './problem-kind';

export const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

class FieldErrorDto implements FieldError {
  @ApiProperty({
    example: '/total_amount',
    description: 'JSON pointer (RFC 6901) to the field of the body, the query or the path.',
  })
  pointer!: string;

  @ApiProperty({ example: 'must be 55.00' })
  message!: string;
}

/** A problem document (RFC 9457). */
export class Problem {
  @ApiProperty({
    type: 'string',
    format: 'uri-reference',
    example: problemType('total_mismatch'),
    description: 'Where this kind of problem is explained; relative to the service.',
  })
  type!: string;

  @ApiProperty({ example: PROBLEMS.total_mismatch.title })
  title!: string;

  @ApiProperty({ type: 'integer', example: PROBLEMS.total_mismatch.status })
  status!: number;

  @ApiProperty({
    example: PROBLEMS.total_mismatch.example.detail,
    description: 'What happened in this request and what to do.',
  })
  detail!: string;

  @ApiProperty({ example: '/order/create_order', description: 'The path that was called.' })
  instance!: string;

  @ApiProperty({
    enum: PROBLEM_CODES,
    enumName: 'ProblemCode',
    example: 'total_mismatch',
    description: 'Stable, for programs to decide by.',
  })
  code!: ProblemCode;

  @ApiProperty({
    type: [FieldErrorDto],
    required: false,
    description: 'The fields to fix, at most 20.',
  })
  errors?: readonly FieldError[];
}

/** Completes what is known of a single request to a problem document. */
export function toProblem(code: ProblemCode, occurrence: ProblemOccurrence): Problem {
  const { status, title } = PROBLEMS[code];
  const { detail, instance, errors = [] } = occurrence;
  return {
    type: problemType(code),
    title,
    status,
    detail,
    instance,
    code,
    ...(errors.length > 0 && { errors }),
  };
}

/** A whole problem document to show what one of this code looks like. */
export function exampleOf(code: ProblemCode): Problem {
  return toProblem(code, PROBLEMS[code].example);
}
