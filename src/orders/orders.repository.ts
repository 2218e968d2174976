import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { isUser, quoteOf } from '../catalog/quote.sql';
import { centsToDecimal } from '../common/money';
import type { OrderStatus } from '../common/order-status';
import { CatalogSettings } from '../config/catalog.settings';
import { numbers, texts } from '../database/array-literal';
import { isRolledBack } from '../database/database-errors';
import { Database, type Statement } from '../database/database.service';
import { GroupCommit } from '../common/group-commit';
import { Order, type ShownOrder } from './order.entity';

/** What a caller asks for. */
export interface NewOrder {
  readonly userId: number;
  readonly itemIds: readonly number[];
  readonly totalCents: number;
  /** The caller's own name for this request: however often it is sent, there is one order. */
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

const FREE_OF_CHECK = `SELECT '{}'::numeric[] AS prices, draft.total_amount AS total`;

/**
 * Accepts the drafts that the catalog bears out: the user is there, and the total is what it asks for the items at this
 * moment. Like every guard it says nothing of why it refused the others.
 *
 * Items of an order travel as array text, since a parameter cannot be an array of arrays of unequal lengths. The arrays
 * come by sub-select so that the planner does not look at their length and keeps its plan. Ids are drawn before the
 * insert, in the order of the drafts, because RETURNING cannot tell which draft became which order.
 */
function accept(keyed: boolean, checked: boolean): Statement {
  const key = keyed ? ', idempotency_key' : '';
  return {
    name: `orders_accept${keyed ? '_keyed' : ''}`,
    text: `
      WITH passed AS MATERIALIZED (
        SELECT nextval('orders_id_seq') AS id, draft.*
        FROM (
          SELECT position, user_id, item_ids, quote.prices AS item_prices, total_amount${key}
          FROM (
            SELECT position, user_id, item_ids::integer[], total_amount${key}
            FROM unnest(
              (SELECT $1::integer[]), (SELECT $2::text[]), (SELECT $3::numeric[])${keyed ? ', (SELECT $4::text[])' : ''}
            ) WITH ORDINALITY AS sent (user_id, item_ids, total_amount${key}, position)
          ) AS draft
          CROSS JOIN LATERAL (${checked ? quoteOf('draft.item_ids') : FREE_OF_CHECK}) AS quote
          WHERE quote.total = draft.total_amount AND ${isUser('draft.user_id')}
          ORDER BY position
        ) AS draft
      ), accepted AS (
        INSERT INTO orders (id, user_id, item_ids, item_prices, total_amount${key})
        SELECT id, user_id, item_ids, item_prices, total_amount${key} FROM passed
        ${keyed ? 'ON CONFLICT (idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING' : ''}
        RETURNING id, created_at
      )
      SELECT passed.position::integer, accepted.id,
        (extract(epoch FROM accepted.created_at) * 1000)::float8 AS created_ms
      FROM accepted JOIN passed USING (id)`,
  };
}

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
  /** Of its draft, from 1. */
  readonly position: number;
  readonly id: string;
  readonly created_ms: number;
}

/** Takes orders into the table, reads them, and moves them for callers and operators. */
@Injectable()
export class OrdersRepository {
  // One statement at a time: the order of acceptance is the order of ids.
  private readonly intake = new GroupCommit<NewOrder, ShownOrder | undefined>({
    commit: (drafts) => this.insert(drafts),
    maxBatch: 256,
    maxInFlight: 1,
    maxWaiting: 20_000,
    mayIsolate: isRolledBack,
  });

  private readonly acceptPlain: Statement;
  // A statement of its own: ON CONFLICT costs each of its rows a second log record.
  private readonly acceptKeyed: Statement;

  constructor(
    { catalogCheck }: CatalogSettings,
    private readonly database: Database,
    @InjectRepository(Order) private readonly orders: Repository<Order>,
  ) {
    this.acceptPlain = accept(false, catalogCheck);
    this.acceptKeyed = accept(true, catalogCheck);
  }

  /**
   * @returns the order, committed (invariant I1); undefined when the catalog does not bear it out, or its idempotency
   *   key has an order already (I7)
   */
  accept(draft: NewOrder): Promise<ShownOrder | undefined> {
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

  private async insert(drafts: readonly NewOrder[]): Promise<(ShownOrder | undefined)[]> {
    const keyed = drafts.some(({ idempotencyKey }) => idempotencyKey !== undefined);
    const rows = await this.database.query<AcceptedRow>(
      keyed ? this.acceptKeyed : this.acceptPlain,
      [
        numbers(drafts.map(({ userId }) => userId)),
        texts(drafts.map(({ itemIds }) => numbers(itemIds))),
        numbers(drafts.map(({ totalCents }) => centsToDecimal(totalCents))),
        ...(keyed ? [drafts.map(({ idempotencyKey }) => idempotencyKey ?? null)] : []),
      ],
    );
    const orders = drafts.map((): ShownOrder | undefined => undefined);
    for (const { position, id, created_ms } of rows) {
      const draft = drafts[position - 1];
      if (draft) orders[position - 1] = accepted(draft, Number(id), new Date(created_ms));
    }
    return orders;
  }
}

function accepted(draft: NewOrder, id: number, createdAt: Date): ShownOrder {
  return {
    id,
    userId: draft.userId,
    itemIds: [...draft.itemIds],
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
