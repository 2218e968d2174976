import { DomainError, type FieldError } from '../../common/domain-error';

/** The request's shape does not fit. */
export class ValidationError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'validation_failed';
  readonly title = 'The request does not fit';

  constructor(override readonly errors: readonly FieldError[]) {
    super(
      `Mend what is listed under errors and send the request again: ${errors
        .map(({ pointer, message }) => `${pointer || 'the body'} ${message}`)
        .join('; ')}.`,
    );
  }
}

/** The body is of a type that this service does not read. */
export class UnsupportedMediaTypeError extends DomainError {
  readonly kind = 'unsupported';
  readonly code = 'unsupported_media_type';
  readonly title = 'Unsupported media type';

  constructor() {
    super('Send the body as JSON, with the header Content-Type: application/json.');
  }
}

export class InvalidIdempotencyKeyError extends DomainError {
  readonly kind = 'malformed';
  readonly code = 'invalid_idempotency_key';
  readonly title = 'The Idempotency-Key does not fit';

  constructor(maxLength: number) {
    super(`Send an Idempotency-Key of 1 to ${maxLength} characters, e.g. a UUID, or none at all.`);
  }
}
