import { DomainError, type FieldError } from '../common/domain-error';
import { centsToDecimal } from '../common/money';

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
