import { HttpException } from '@nestjs/common';
import type { HealthCheckResult } from '@nestjs/terminus';
import type { Request } from 'express';
import type { FieldError } from '../../common/domain-error';
import { PROBLEMS, type ProblemCode } from './problem-catalog';

/** What is known of a problem from the error alone. */
export interface ProblemParts {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

/** By the `type` that body-parser gives its errors. */
export const PARSER_PROBLEMS: Readonly<Record<string, ProblemCode>> = {
  'entity.parse.failed': 'malformed_json',
  'entity.too.large': 'body_too_large',
  'encoding.unsupported': 'unsupported_encoding',
  'charset.unsupported': 'unsupported_charset',
  'request.aborted': 'request_aborted',
  'request.size.invalid': 'body_length_mismatch',
};

/** By status, for errors of Express' static files, which have no `type`. */
export const STATIC_FILE_PROBLEMS: Readonly<Record<number, ProblemCode>> = {
  412: 'precondition_failed',
  416: 'range_not_satisfiable',
};

/** What the errors of Nest, Terminus, Express and body-parser mean; undefined for any other error. */
export function explainHttpError(error: unknown, request: Request): ProblemParts | undefined {
  const status = statusOf(error);
  if (status === undefined) return undefined;
  if (error instanceof HttpException) {
    const health = error.getResponse();
    if (isHealthCheckResult(health)) return explainHealth(health);
    if (status === 400) return explainBadRequest(error.message);
  }
  if (status >= 500) return undefined;
  if (status === 404) return unknownRoute(request);
  const type = error instanceof Error && 'type' in error ? String(error.type) : '';
  return withFixedDetail(PARSER_PROBLEMS[type] ?? STATIC_FILE_PROBLEMS[status] ?? 'bad_request');
}

/** A problem whose detail is the same in every request, and so that of its example. */
export function withFixedDetail(code: ProblemCode): ProblemParts {
  return { code, detail: PROBLEMS[code].example.detail };
}

/** The path without the query, which may hold secrets. */
export function pathOf(request: Request): string {
  return request.originalUrl.split('?', 1)[0] ?? '/';
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  const { status } = error;
  return typeof status === 'number' && status >= 400 ? status : undefined;
}

function isHealthCheckResult(response: string | object): response is HealthCheckResult {
  return typeof response === 'object' && 'details' in response;
}

function explainHealth({ status, error = {} }: HealthCheckResult): ProblemParts {
  const failed = Object.keys(error);
  const reason = failed.length > 0 ? failed.join(', ') : status;
  return { code: 'not_ready', detail: `Failed health checks: ${reason}.` };
}

/** Nest replaces errors of the body parser and the router by this exception, which keeps only their message. */
function explainBadRequest(message: string): ProblemParts {
  return message.startsWith('Failed to decode param')
    ? withFixedDetail('malformed_path')
    : { code: 'malformed_json', detail: `The body is not valid JSON: ${message}.` };
}

function unknownRoute(request: Request): ProblemParts {
  return {
    code: 'unknown_route',
    detail: `There is no ${request.method} ${pathOf(request)}. The routes are listed at /docs.`,
  };
}
