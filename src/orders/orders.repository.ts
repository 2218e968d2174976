import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { centsToDecimal } from '../common/money';
import { numbers, texts } from '../database/array-literal';
import { isRolledBack } from '../database/database-errors';
import { Database } from '../database/database.service';
import { GroupCommit } from '../database/group-commit';
import { Order } from './order.entity';
import type { OrderStatus } from './order-status';

/** An order that was checked and can be accepted. */
export interface OrderDraft {
  readonly userId: number;
  readonly itemIds: readonly number[];
  /** In the order of `itemIds`; empty when the catalog was not asked. */
  readonly priceCents: readonly number[];
  readonly totalCents: number;
  readonly idempotencyKey: string | undefined;
}

/** What a list is narrowed to; what is undefined does not narrow it. */
export interface OrderFilter {
  readonly status?: OrderStatus | undefined;
  readonly userId?: number | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
  /** The last order of the page before. */
  readonly afterId?: number | undefined;
  readonly limit: number;
}

/** Items of an order travel as array text, since a parameter cannot be an array of arrays of unequal lengths. */
function accept(name: string, keyColumn: string, keyParameter: string, conflict: string) {
  return {
    name,
    text: `
      INSERT INTO orders (user_id, item_ids, item_prices, total_amount${keyColumn})
      SELECT user_id, item_ids::integer[], item_prices::numeric[], total_amount${keyColumn}
      FROM unnest($1::integer[], $2::text[], $3::text[], $4::numeric[]${keyParameter})
        WITH ORDINALITY AS draft (user_id, item_ids, item_prices, total_amount${keyColumn}, position)
      ORDER BY position
      ${conflict}
      RETURNING id, (extract(epoch FROM created_at) * 1000)::float8 AS created_ms${keyColumn}`,
  };
}

const ACCEPT = accept('orders_accept', '', '', '');

// A statement of its own: ON CONFLICT costs each of its rows a second log record.
const ACCEPT_KEYED = accept(
  'orders_accept_keyed',
  ', idempotency_key',
  ', $5::text[]',
  'ON CONFLICT (idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING',
);

const CANCEL = {
  name: 'orders_cancel',
  text: `
    UPDATE orders SET
      status = CASE status WHEN 'PENDING' THEN 'CANCELLED' ELSE status END,
      finished_at = CASE status WHEN 'PENDING' THEN now() END,
      cancel_requested_at = coalesce(cancel_requested_at, now())
    WHERE id = $1 AND status::text IN ('PENDING', 'PROCESSING')
    RETURNING id`,
};

// The attempts so far stop to count, so that the order gets all of MAX_ATTEMPTS again.
const RETRY = {
  name: 'orders_retry',
  text: `
    UPDATE orders SET
      status = 'PENDING', uncounted = attempt, next_attempt_at = now(), started_at = NULL, finished_at = NULL
    WHERE id = $1 AND status::text = 'FAILED'
    RETURNING id`,
};

interface AcceptedRow {
  readonly id: string;
  readonly created_ms: number;
  readonly idempotency_key?: string | null;
}

/** Takes orders into the table, reads them, and moves them for callers and operators. */
@Injectable()
export class OrdersRepository {
  // One statement at a time: the order of acceptance is the order of ids.
  private readonly intake = new GroupCommit<OrderDraft, Order | undefined>({
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

  /** @returns the order, committed (invariant I1); undefined when its idempotency key has one already (I7) */
  accept(draft: OrderDraft): Promise<Order | undefined> {
    return this.intake.add(draft);
  }

  find(id: number): Promise<Order | null> {
    return this.database.explained(() => this.orders.findOneBy({ id }));
  }

  findByKey(idempotencyKey: string): Promise<Order | null> {
    return this.database.explained(() => this.orders.findOneBy({ idempotencyKey }));
  }

  /** @returns at most `limit` orders, newest first */
  list(filter: OrderFilter): Promise<Order[]> {
    const { status, userId, createdAfter, createdBefore, afterId, limit } = filter;
    const column = userId !== undefined ? 'o.user_id' : status && 'o.status';
    const query = this.orders.createQueryBuilder('o');
    // A user or a status leads as a range with itself at both ends, and leads the order too. As a plain equality it
    // would let the planner walk back through all orders for those of a user who has long been away.
    const [lead, value] = column ? [`${column}, `, ':lead, '] : ['', ''];
    if (createdAfter) query.andWhere(`(${lead}o.created_at) > (${value}:createdAfter)`);
    else if (column) query.andWhere(`${column} >= :lead`);
    if (afterId !== undefined) {
      // The row itself, since a timestamp loses its microseconds on the way through JavaScript.
      const createdAt = '(SELECT created_at FROM orders WHERE id = :afterId)';
      query.andWhere(`(${lead}o.created_at, o.id) < (${value}${createdAt}, :afterId)`);
      if (createdBefore) query.andWhere('o.created_at < :createdBefore');
    } else if (createdBefore) query.andWhere(`(${lead}o.created_at) < (${value}:createdBefore)`);
    else if (column) query.andWhere(`${column} <= :lead`);
    if (userId !== undefined && status) query.andWhere('o.status = :status');
    if (column) query.addOrderBy(column, 'DESC');
    query.addOrderBy('o.created_at', 'DESC').addOrderBy('o.id', 'DESC').limit(limit);
    query.setParameters({ ...filter, lead: userId ?? status });
    return this.database.explained(() => query.getMany());
  }

  /** Cancels a PENDING order, or asks for it while the order is PROCESSING. @returns whether it was either */
  async cancel(id: number): Promise<boolean> {
    const rows = await this.database.query(CANCEL, [id]);
    return rows.length > 0;
  }

  /** Makes a FAILED order PENDING again, with all its attempts. @returns whether it was FAILED */
  async retry(id: number): Promise<boolean> {
    const rows = await this.database.query(RETRY, [id]);
    return rows.length > 0;
  }

  private async insert(drafts: readonly OrderDraft[]): Promise<(Order | undefined)[]> {
    const keyed = drafts.some(({ idempotencyKey }) => idempotencyKey !== undefined);
    const rows = await this.database.query<AcceptedRow>(keyed ? ACCEPT_KEYED : ACCEPT, [
      numbers(drafts.map(({ userId }) => userId)),
      texts(drafts.map(({ itemIds }) => numbers(itemIds))),
      texts(drafts.map(({ priceCents }) => numbers(priceCents.map(centsToDecimal)))),
      numbers(drafts.map(({ totalCents }) => centsToDecimal(totalCents))),
      ...(keyed ? [drafts.map(({ idempotencyKey }) => idempotencyKey ?? null)] : []),
    ]);
    return pair(drafts, rows);
  }
}

/**
 * RETURNING gives the rows in the order in which they were inserted, but none for a draft whose key was taken. So a
 * draft has the next row exactly if that carries its key.
 */
function pair(drafts: readonly OrderDraft[], rows: readonly AcceptedRow[]): (Order | undefined)[] {
  let next = 0;
  return drafts.map((draft) => {
    const row = rows[next];
    if (!row || (row.idempotency_key ?? undefined) !== draft.idempotencyKey) return undefined;
    next += 1;
    return accepted(draft, Number(row.id), new Date(row.created_ms));
  });
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
    uncounted: 0,
    claimedBy: null,
    nextAttemptAt: createdAt,
    createdAt,
    startedAt: null,
    finishedAt: null,
    lastError: null,
    cancelRequestedAt: null,
    idempotencyKey: draft.idempotencyKey ?? null,
  };
}
