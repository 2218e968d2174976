import { ORDER_PROBLEMS } from './order-problems';
import type { ProblemKind } from './problem-kind';
import { REQUEST_PROBLEMS } from './request-problems';
import { SERVICE_PROBLEMS } from './service-problems';

const CATALOG = { ...REQUEST_PROBLEMS, ...ORDER_PROBLEMS, ...SERVICE_PROBLEMS };

/** The `code` of a problem document: stable, for programs to decide by. */
export type ProblemCode = keyof typeof CATALOG;

/**
 * Every problem that the service can answer with. The problem filter, the OpenAPI document, `GET /problems/{code}` and
 * docs/errors.md all read it.
 */
export const PROBLEMS: Readonly<Record<ProblemCode, ProblemKind>> = CATALOG;

export const PROBLEM_CODES = Object.keys(CATALOG) as readonly ProblemCode[];

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

/** Where the problem is explained; the `type` of its documents, a reference relative to the service (RFC 9457). */
export function problemType(code: ProblemCode): string {
  return `/problems/${code}`;
}
