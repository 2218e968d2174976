import { DomainError } from './domain-error';

export class OrderNotFoundError extends DomainError {
  readonly code = 'order_not_found';

  constructor(orderId: number) {
    super(`There is no order ${orderId}.`);
  }
}
