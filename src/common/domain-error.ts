/** What kind of trouble it is; the one filter maps it to an HTTP status. */
export type ErrorKind =
  'malformed' | 'not_found' | 'conflict' | 'unsupported' | 'invalid' | 'unavailable';

/** One fault of a request: where (a JSON pointer, RFC 6901) and what to do about it. */
export interface FieldError {
  readonly pointer: string;
  readonly message: string;
}

/** An error that a caller can act on. Knows no HTTP; `code` is stable and part of the contract. */
export abstract class DomainError extends Error {
  abstract readonly kind: ErrorKind;
  abstract readonly code: string;
  abstract readonly title: string;
  readonly errors: readonly FieldError[] = [];

  constructor(detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = new.target.name;
  }
}
