import { DomainError, type FieldError } from '../common/domain-error';
import { centsToDecimal } from '../common/money';
import type { OrderStatus } from './order-status';

export class OrderNotFoundError extends DomainError {
  readonly kind = 'not_found';
  readonly code = 'order_not_found';
  readonly title = 'Order not found';

  constructor(orderId: number | string) {
    super(`There is no order ${orderId}.`);
  }
}

export class TotalMismatchError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'total_mismatch';
  readonly title = 'The total does not fit the items';
  override readonly errors: readonly FieldError[];

  constructor(rightCents: number) {
    super(`The catalog's prices of these items add up to ${centsToDecimal(rightCents)}.`);
    this.errors = [{ pointer: '/total_amount', message: `must be ${centsToDecimal(rightCents)}` }];
  }
}

export class IdempotencyKeyReusedError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'idempotency_key_reused';
  readonly title = 'Idempotency-Key was used for another order';

  constructor() {
    super(
      'This Idempotency-Key belongs to an order with another body. Send a new key with a new order.',
    );
  }
}

export class CancelTooLateError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'cancel_too_late';
  readonly title = 'Too late to cancel';

  constructor(orderId: number, status: OrderStatus) {
    super(
      `Order ${orderId} is ${status}; only orders that are PENDING or PROCESSING can be cancelled.`,
    );
  }
}

export class NotFailedError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'not_failed';
  readonly title = 'Nothing to retry';

  constructor(orderId: number, status: OrderStatus) {
    super(`Order ${orderId} is ${status}; only FAILED orders can be retried.`);
  }
}
