import type { FieldError } from '../../common/domain-error';

/** The parts of a problem document that depend on the single request. */
export interface ProblemOccurrence {
  readonly detail: string;
  /** The path that was called. */
  readonly instance: string;
  readonly errors?: readonly FieldError[];
}

/** What holds for every problem of one code. */
export interface ProblemKind {
  /** The HTTP status of the response. */
  readonly status: number;
  readonly title: string;
  /** When the service answers with it. */
  readonly cause: string;
  /** What the caller can do. */
  readonly remedy: string;
  readonly example: ProblemOccurrence;
}
