import { DomainError } from '../common/domain-error';

/** Traffic must not be sent to this node now. */
export class NotReadyError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'not_ready';
  readonly title = 'Not ready';

  /** @param down what is missing, by the names of the checks */
  constructor(down: readonly string[]) {
    super(`down: ${down.join(', ')}`);
  }
}
