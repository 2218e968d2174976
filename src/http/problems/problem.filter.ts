import { ArgumentsHost, Catch, ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DomainError, type ErrorKind } from '../../common/domain-error';
import { PROBLEM_JSON, toProblem, type ProblemParts } from './problem';

const STATUS_OF: Readonly<Record<ErrorKind, number>> = {
  malformed: 400,
  not_found: 404,
  conflict: 409,
  unsupported: 415,
  invalid: 422,
  unavailable: 503,
};

/** A recovered database takes requests within about this time. */
const RETRY_AFTER_SECONDS = 2;

/** What body-parser and Express call their errors, and what we say of them. */
const REQUEST_ERRORS: Readonly<Record<string, Omit<ProblemParts, 'status'>>> = {
  'entity.parse.failed': { code: 'malformed_json', detail: 'The body is not valid JSON.' },
  'entity.too.large': {
    code: 'body_too_large',
    detail: 'The body is larger than this service takes.',
  },
  'encoding.unsupported': {
    code: 'unsupported_encoding',
    detail: 'Send the body plain, or encoded with gzip, deflate or br.',
  },
  'charset.unsupported': { code: 'unsupported_charset', detail: 'Send the body as UTF-8.' },
  'request.aborted': {
    code: 'request_aborted',
    detail: 'The body ended before its announced length.',
  },
  'request.size.invalid': {
    code: 'body_length_mismatch',
    detail: 'The body is not as long as its Content-Length says.',
  },
};

/** Turns everything that is thrown into a problem document; the one place where errors become HTTP. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) {
      this.logger.error(`An answer broke off: ${String(error)}`);
      response.destroy();
      return;
    }
    const parts = this.explain(error, request);
    if (parts.status === 503) response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
    response
      .status(parts.status)
      .type(PROBLEM_JSON)
      .send(JSON.stringify(toProblem(parts, pathOf(request))));
  }

  private explain(error: unknown, request: Request): ProblemParts {
    if (error instanceof DomainError) {
      const { kind, code, title, message, errors } = error;
      // In an outage each request comes here: the loops' warnings tell of it.
      if (kind === 'unavailable') this.logger.debug(`${code}: ${rootMessage(error)}`);
      return { status: STATUS_OF[kind], code, title, detail: message, errors };
    }
    if (error instanceof HttpException) return explainHttp(error, request);
    const refused = explainRequestError(error);
    if (refused) return refused;
    this.logger.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return {
      status: 500,
      code: 'internal_error',
      detail: 'Something went wrong inside the service; it has been logged.',
    };
  }
}

function explainHttp(error: HttpException, request: Request): ProblemParts {
  const status = error.getStatus();
  if (status === 404) {
    return {
      status,
      code: 'unknown_route',
      title: 'Unknown route',
      detail: `There is no ${request.method} ${pathOf(request)}. The routes are listed at /docs.`,
    };
  }
  if (status === 400) return explainBadRequest(error.message);
  return (
    explainRequestError(error.cause) ?? { status, code: `http_${status}`, detail: error.message }
  );
}

/** Nest has turned what the body parser and the router threw into this, and has kept the message only. */
function explainBadRequest(message: string): ProblemParts {
  return message.startsWith('Failed to decode param')
    ? { status: 400, code: 'malformed_path', detail: 'The path is not valid percent-encoding.' }
    : { status: 400, code: 'malformed_json', detail: `The body is not valid JSON: ${message}.` };
}

/** Errors of the request itself, as Express and body-parser throw them: they carry a status below 500. */
function explainRequestError(error: unknown): ProblemParts | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  const { status } = error;
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined;
  const type = 'type' in error ? String(error.type) : '';
  return {
    status,
    ...(REQUEST_ERRORS[type] ?? { code: `http_${status}`, detail: 'The request cannot be read.' }),
  };
}

function pathOf(request: Request): string {
  return request.originalUrl.split('?', 1)[0] ?? '/';
}

function rootMessage(error: Error): string {
  return error.cause instanceof Error ? rootMessage(error.cause) : error.message;
}
