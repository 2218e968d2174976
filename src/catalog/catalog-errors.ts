import { DomainError, type FieldError } from '../common/domain-error';

export class UnknownUserError extends DomainError {
  readonly code = 'unknown_user';
  override readonly errors: readonly FieldError[];

  constructor(userId: number) {
    super(`The catalog has no user ${userId}. Send the id of an existing user.`);
    this.errors = [{ pointer: '/user_id', message: 'must be the id of an existing user' }];
  }
}

export class UnknownItemsError extends DomainError {
  readonly code = 'unknown_item';
  override readonly errors: readonly FieldError[];

  /** @param positions of the unknown ids in `itemIds`, from 0 */
  constructor(itemIds: readonly number[], positions: readonly number[]) {
    const unknown = [...new Set(positions.map((position) => itemIds[position]))];
    super(`The catalog has no item ${unknown.join(', ')}. Send ids of existing items only.`);
    this.errors = positions.map((position) => ({
      pointer: `/item_ids/${position}`,
      message: 'must be the id of an existing item',
    }));
  }
}
