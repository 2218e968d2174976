/** One fault of a request: where it is (a JSON pointer, RFC 6901) and what the value must be. */
export interface FieldError {
  readonly pointer: string;
  readonly message: string;
}

/**
 * An error that a caller can act on. It knows no HTTP: `code` is stable, part of the contract, and the key of its entry
 * in the problem catalog, which gives the status and the title.
 */
export abstract class DomainError extends Error {
  abstract readonly code: string;
  readonly errors: readonly FieldError[] = [];

  /** @param detail what happened and what to do, in full sentences */
  constructor(detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = new.target.name;
  }
}
