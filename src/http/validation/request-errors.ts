import { DomainError, type FieldError } from '../../common/domain-error';

/** A body, a query or a path parameter is not what its DTO asks for. */
export class ValidationError extends DomainError {
  readonly code = 'validation_failed';

  constructor(override readonly errors: readonly FieldError[]) {
    const faults = errors.map(({ pointer, message }) => `${pointer || 'the body'} ${message}`);
    super(`Fix the listed fields and send the request again: ${faults.join('; ')}.`);
  }
}

/** The body is of a type that the service does not read. */
export class UnsupportedMediaTypeError extends DomainError {
  readonly code = 'unsupported_media_type';

  constructor() {
    super('Send the body as JSON, with the header Content-Type: application/json.');
  }
}

export class InvalidIdempotencyKeyError extends DomainError {
  readonly code = 'invalid_idempotency_key';

  constructor(maxLength: number) {
    super(
      `The Idempotency-Key must have 1 to ${maxLength} characters. Send e.g. a UUID, or no such header.`,
    );
  }
}
