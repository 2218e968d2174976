import { ApiProperty } from '@nestjs/swagger';
import { exampleOf, Problem } from './problem';
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from './problem-catalog';

const EXAMPLE = PROBLEMS.total_mismatch;

/** What `GET /problems/{code}` tells of a problem. */
export class ProblemInfoDto {
  @ApiProperty({ enum: PROBLEM_CODES, enumName: 'ProblemCode', example: 'total_mismatch' })
  code!: ProblemCode;

  @ApiProperty({ type: 'integer', example: EXAMPLE.status, description: 'The HTTP status.' })
  status!: number;

  @ApiProperty({ example: EXAMPLE.title })
  title!: string;

  @ApiProperty({ example: EXAMPLE.cause, description: 'When the service answers with it.' })
  cause!: string;

  @ApiProperty({ example: EXAMPLE.remedy, description: 'What the caller can do.' })
  remedy!: string;

  @ApiProperty({ type: Problem, description: 'A whole problem document of this code.' })
  example!: Problem;
}

export function toProblemInfoDto(code: ProblemCode): ProblemInfoDto {
  const { status, title, cause, remedy } = PROBLEMS[code];
  return { code, status, title, cause, remedy, example: exampleOf(code) };
}
