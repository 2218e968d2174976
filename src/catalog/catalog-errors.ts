import { DomainError, type FieldError } from '../common/domain-error';

export class UnknownUserError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'unknown_user';
  readonly title = 'Unknown user';
  override readonly errors: readonly FieldError[];

  constructor(userId: number) {
    super(`There is no user ${userId}. Send the id of a user of the catalog.`);
    this.errors = [{ pointer: '/user_id', message: 'is not the id of a user' }];
  }
}

export class UnknownItemsError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'unknown_item';
  readonly title = 'Unknown item';
  override readonly errors: readonly FieldError[];

  /** @param positions where in the order's list the unknown ids stand */
  constructor(itemIds: readonly number[], positions: readonly number[]) {
    const unknown = [...new Set(positions.map((position) => itemIds[position]))];
    super(`The catalog has no item ${unknown.join(', ')}. Send ids of items of the catalog only.`);
    this.errors = positions.map((position) => ({
      pointer: `/item_ids/${position}`,
      message: 'is not the id of an item',
    }));
  }
}
