import { ArgumentsHost, Catch, ExceptionFilter, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DomainError } from '../../common/domain-error';
import { explainHttpError, pathOf, withFixedDetail, type ProblemParts } from './http-errors';
import { PROBLEM_JSON, toProblem } from './problem';
import { isProblemCode } from './problem-catalog';

const SERVICE_UNAVAILABLE = 503;

/** About as long as a restarted database takes to accept connections. */
const RETRY_AFTER_SECONDS = 2;

/** Turns everything that is thrown into a problem document; the one place where errors become HTTP. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) {
      this.logger.error(`Response aborted: ${request.method} ${pathOf(request)}: ${String(error)}`);
      response.destroy();
      return;
    }
    const { code, ...parts } = this.explain(error, request);
    const problem = toProblem(code, { ...parts, instance: pathOf(request) });
    if (problem.status === SERVICE_UNAVAILABLE) {
      response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
      // At debug level only, since an outage brings every request here; the component that failed logs it once.
      this.logger.debug(`${code}: ${rootMessage(error)}`);
    }
    response.status(problem.status).type(PROBLEM_JSON).send(JSON.stringify(problem));
  }

  private explain(error: unknown, request: Request): ProblemParts {
    if (error instanceof DomainError && isProblemCode(error.code)) {
      return { code: error.code, detail: error.message, errors: error.errors };
    }
    const known = explainHttpError(error, request);
    if (known) return known;
    this.logger.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return withFixedDetail('internal_error');
  }
}

function rootMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? rootMessage(error.cause) : error.message;
}
