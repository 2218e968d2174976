import { Injectable } from '@nestjs/common';
import { decimalToCents } from '../common/money';
import { Database } from '../database/database.service';
import { isRolledBack } from '../database/database-errors';
import { GroupCommit } from '../common/group-commit';
import { UnknownItemsError, UnknownUserError } from './catalog-errors';

interface Request {
  readonly userId: number;
  readonly itemIds: readonly number[];
}

/** What the catalog holds of the ids that a batch of requests names. */
interface Shelf {
  readonly users: ReadonlySet<number>;
  readonly priceCents: ReadonlyMap<number, number>;
}

// By sub-select, so that the plan is kept rather than made anew for each length of the lists.
const LOOK_UP = {
  name: 'catalog_look_up',
  text: `
    SELECT true AS is_user, id, NULL AS price FROM users WHERE id = ANY((SELECT $1::integer[])::integer[])
    UNION ALL
    SELECT false, id, price FROM items WHERE id = ANY((SELECT $2::integer[])::integer[])`,
};

/** Users, items and prices. */
@Injectable()
export class CatalogService {
  // Requests of the same moment share one look-up. Prices are read afresh for each batch, never cached.
  private readonly lookUps = new GroupCommit<Request, Shelf>({
    commit: (requests) => this.lookUp(requests),
    maxBatch: 256,
    maxInFlight: 2,
    maxWaiting: 20_000,
    mayIsolate: isRolledBack,
  });

  constructor(private readonly database: Database) {}

  /**
   * Quotes items for a user. An item that stands twice is charged twice.
   *
   * @returns the total in cents
   * @throws UnknownUserError, UnknownItemsError
   */
  async quote(userId: number, itemIds: readonly number[]): Promise<number> {
    const { users, priceCents } = await this.lookUps.add({ userId, itemIds });
    if (!users.has(userId)) throw new UnknownUserError(userId);
    let totalCents = 0;
    const unknown: number[] = [];
    itemIds.forEach((itemId, position) => {
      const price = priceCents.get(itemId);
      if (price === undefined) unknown.push(position);
      else totalCents += price;
    });
    if (unknown.length > 0) throw new UnknownItemsError(itemIds, unknown);
    return totalCents;
  }

  private async lookUp(requests: readonly Request[]): Promise<Shelf[]> {
    const userIds = new Set(requests.map(({ userId }) => userId));
    const itemIds = new Set(requests.flatMap(({ itemIds: ids }) => ids));
    const rows = await this.database.query<{ is_user: boolean; id: number; price: string | null }>(
      LOOK_UP,
      [[...userIds], [...itemIds]],
    );
    const users = new Set<number>();
    const priceCents = new Map<number, number>();
    for (const { is_user, id, price } of rows) {
      if (is_user) users.add(id);
      else priceCents.set(id, decimalToCents(price ?? '0'));
    }
    return requests.map(() => ({ users, priceCents }));
  }
}
