import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { ApiExtraModels } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ApiProblems } from './api-problems.decorator';
import { isProblemCode, PROBLEM_CODES } from './problem-catalog';
import { ProblemInfoDto, toProblemInfoDto } from './problem-info.dto';
import { toProblemPage } from './problem-page';
import { UnknownProblemCodeError } from './unknown-problem-code-error';

/** The pages that the `type` of problem documents points at. */
@ApiTags('operations')
@Controller('problems')
export class ProblemsController {
  @Get(':code')
  @ApiOperation({
    operationId: 'getProblem',
    summary: 'Explain a problem code',
    description:
      'The `type` of every problem document points here. Answers with JSON, and with a page where `Accept` prefers HTML.',
  })
  @ApiParam({ name: 'code', schema: { enum: [...PROBLEM_CODES], example: 'total_mismatch' } })
  @ApiExtraModels(ProblemInfoDto)
  @ApiOkResponse({
    description: 'Title, status, cause and remedy of the problem, with an example.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(ProblemInfoDto) } },
      'text/html': { schema: { type: 'string' } },
    },
  })
  @ApiProblems('unknown_problem_code')
  get(
    @Param('code') code: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): ProblemInfoDto | string {
    if (!isProblemCode(code)) throw new UnknownProblemCodeError(code);
    response.vary('Accept');
    if (request.accepts(['json', 'html']) !== 'html') return toProblemInfoDto(code);
    response.type('html');
    return toProblemPage(toProblemInfoDto(code));
  }
}
