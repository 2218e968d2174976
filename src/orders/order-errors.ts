import { DomainError, type FieldError } from '../common/domain-error';
import { centsToDecimal } from '../common/money';
import type { OrderStatus } from '../common/order-status';

export class TotalMismatchError extends DomainError {
  readonly code = 'total_mismatch';
  override readonly errors: readonly FieldError[];

  /** @param expectedCents the sum of the catalog's prices */
  constructor(expectedCents: number) {
    const expected = centsToDecimal(expectedCents);
    super(`The catalog's prices of these items add up to ${expected}.`);
    this.errors = [{ pointer: '/total_amount', message: `must be ${expected}` }];
  }
}

export class IdempotencyKeyReusedError extends DomainError {
  readonly code = 'idempotency_key_reused';

  constructor() {
    super(
      'An order with another body was created with this Idempotency-Key. Send a new key with a new order.',
    );
  }
}

export class CancelTooLateError extends DomainError {
  readonly code = 'cancel_too_late';

  constructor(orderId: number, status: OrderStatus) {
    super(`Order ${orderId} is ${status}. Only a PENDING or PROCESSING order can be cancelled.`);
  }
}

export class NotFailedError extends DomainError {
  readonly code = 'not_failed';

  constructor(orderId: number, status: OrderStatus) {
    super(`Order ${orderId} is ${status}. Only a FAILED order can be retried.`);
  }
}
