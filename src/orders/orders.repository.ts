import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { centsToDecimal } from '../common/money';
import { isRolledBack } from '../database/database-errors';
import { Database } from '../database/database.service';
import { GroupCommit } from '../database/group-commit';
import { Order } from './order.entity';

/** An order that was checked and can be accepted. */
export interface OrderDraft {
  readonly userId: number;
  readonly itemIds: readonly number[];
  /** In the order of `itemIds`; empty when the catalog was not asked. */
  readonly priceCents: readonly number[];
  readonly totalCents: number;
}

/** Items of an order travel as array text, since a parameter cannot be an array of arrays of unequal lengths. */
const ACCEPT = {
  name: 'orders_accept',
  text: `
    INSERT INTO orders (user_id, item_ids, item_prices, total_amount)
    SELECT user_id, item_ids::integer[], item_prices::numeric[], total_amount
    FROM unnest($1::integer[], $2::text[], $3::text[], $4::numeric[])
      WITH ORDINALITY AS draft (user_id, item_ids, item_prices, total_amount, position)
    ORDER BY position
    RETURNING id, created_at`,
};

/** Takes orders into the table, and reads them. */
@Injectable()
export class OrdersRepository {
  // One statement at a time: the order of acceptance is the order of ids.
  private readonly intake = new GroupCommit<OrderDraft, Order>({
    commit: (drafts) => this.insert(drafts),
    maxBatch: 256,
    maxInFlight: 1,
    maxWaiting: 20_000,
    mayIsolate: isRolledBack,
  });

  constructor(
    private readonly database: Database,
    @InjectRepository(Order) private readonly orders: Repository<Order>,
  ) {}

  /** @returns the order, committed (invariant I1) */
  accept(draft: OrderDraft): Promise<Order> {
    return this.intake.add(draft);
  }

  find(id: number): Promise<Order | null> {
    return this.database.explained(() => this.orders.findOneBy({ id }));
  }

  private async insert(drafts: readonly OrderDraft[]): Promise<Order[]> {
    const rows = await this.database.query<{ id: string; created_at: Date }>(ACCEPT, [
      drafts.map(({ userId }) => userId),
      drafts.map(({ itemIds }) => `{${itemIds.join(',')}}`),
      drafts.map(({ priceCents }) => `{${priceCents.map(centsToDecimal).join(',')}}`),
      drafts.map(({ totalCents }) => centsToDecimal(totalCents)),
    ]);
    // RETURNING gives the rows in the order in which they were inserted.
    return drafts.flatMap((draft, index) => {
      const row = rows[index];
      return row ? [accepted(draft, Number(row.id), row.created_at)] : [];
    });
  }
}

function accepted(draft: OrderDraft, id: number, createdAt: Date): Order {
  return {
    id,
    userId: draft.userId,
    itemIds: [...draft.itemIds],
    itemPrices: draft.priceCents.map(centsToDecimal),
    totalCents: draft.totalCents,
    status: 'PENDING',
    attempt: 0,
    released: 0,
    claimedBy: null,
    nextAttemptAt: createdAt,
    createdAt,
    startedAt: null,
    finishedAt: null,
    lastError: null,
  };
}
