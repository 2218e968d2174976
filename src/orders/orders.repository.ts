import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { centsToDecimal } from '../common/money';
import type { OrderStatus } from '../common/order-status';
import { CatalogSettings } from '../config/catalog.settings';
import { numbers, texts } from '../database/array-literal';
import { mayIsolate } from '../database/database-errors';
import { Database } from '../database/database.service';
import { GroupCommit } from '../common/group-commit';
import { Order, type OrderView } from './order.entity';
import { accept, CANCEL, RETRY } from './orders.sql';

/** An order as a caller requests it. */
export interface NewOrder {
  readonly userId: number;
  readonly itemIds: readonly number[];
  readonly totalCents: number;
  /** The caller's own name for this request: repeated requests with the same key make one order. */
  readonly idempotencyKey: string | undefined;
}

/** Which orders a list holds; a field that is undefined does not restrict it. */
export interface OrderFilter {
  readonly status?: OrderStatus | undefined;
  readonly userId?: number | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
  /** The last order of the page before. */
  readonly afterId?: number | undefined;
  readonly limit: number;
}

/** Orders in one INSERT; bounds its time and memory. */
const MAX_BATCH = 256;

/** Requests that may wait for an INSERT: some seconds of full load. One more is refused, rather than kept for longer. */
const MAX_WAITING = 20_000;

/** Accepts orders, reads them, and moves them for callers and operators. */
@Injectable()
export class OrdersRepository {
  // One statement at a time: the order of acceptance is the order of ids.
  private readonly intake = new GroupCommit<NewOrder, OrderView | undefined>({
    commit: (drafts) => this.insert(drafts),
    maxBatch: MAX_BATCH,
    maxInFlight: 1,
    maxWaiting: MAX_WAITING,
    mayIsolate,
  });

  private readonly acceptPlain: ReturnType<typeof accept>;
  private readonly acceptKeyed: ReturnType<typeof accept>;

  constructor(
    { catalogCheck }: CatalogSettings,
    private readonly database: Database,
    @InjectRepository(Order) private readonly table: Repository<Order>,
  ) {
    this.acceptPlain = accept(false, catalogCheck);
    this.acceptKeyed = accept(true, catalogCheck);
  }

  /**
   * @returns the order, committed (invariant I1); undefined when the catalog does not confirm it, or when there is an
   *   order with its idempotency key already (I7)
   * @throws OverloadedError, DatabaseUnavailableError
   */
  accept(draft: NewOrder): Promise<OrderView | undefined> {
    return this.intake.add(draft);
  }

  find(id: number): Promise<Order | null> {
    return this.database.explained(() => this.table.findOneBy({ id }));
  }

  findByKey(idempotencyKey: string): Promise<Order | null> {
    return this.database.explained(() => this.table.findOneBy({ idempotencyKey }));
  }

  /** @returns at most `limit` orders, newest first */
  list(filter: OrderFilter): Promise<Order[]> {
    const { status, userId, createdAfter, createdBefore, afterId, limit } = filter;
    const column = userId !== undefined ? 'o.user_id' : status && 'o.status';
    const query = this.table.createQueryBuilder('o');
    // A user or a status is compared as a range with itself at both ends, and leads the sort order too. With a plain
    // equality the planner could walk back through all orders to find those of a user without recent ones.
    const [lead, value] = column ? [`${column}, `, ':lead, '] : ['', ''];
    if (createdAfter) query.andWhere(`(${lead}o.created_at) > (${value}:createdAfter)`);
    else if (column) query.andWhere(`${column} >= :lead`);
    if (afterId !== undefined) {
      // The time comes from the row, since a timestamp loses its microseconds on the way through JavaScript.
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

  /** Cancels a PENDING order, or requests it of a PROCESSING one. @returns whether the order was either */
  async cancel(id: number): Promise<boolean> {
    const rows = await this.database.query(CANCEL, [id]);
    return rows.length > 0;
  }

  /** Makes a FAILED order PENDING again, with all its attempts. @returns whether it was FAILED */
  async retry(id: number): Promise<boolean> {
    const rows = await this.database.query(RETRY, [id]);
    return rows.length > 0;
  }

  private async insert(drafts: readonly NewOrder[]): Promise<(OrderView | undefined)[]> {
    const keyed = drafts.some(({ idempotencyKey }) => idempotencyKey !== undefined);
    const columns = [
      numbers(drafts.map(({ userId }) => userId)),
      texts(drafts.map(({ itemIds }) => numbers(itemIds))),
      numbers(drafts.map(({ totalCents }) => centsToDecimal(totalCents))),
    ] as const;
    const rows = keyed
      ? await this.database.query(this.acceptKeyed, [
          ...columns,
          drafts.map(({ idempotencyKey }) => idempotencyKey ?? null),
        ])
      : await this.database.query(this.acceptPlain, columns);
    const orders = drafts.map((): OrderView | undefined => undefined);
    for (const { position, id, created_ms } of rows) {
      const draft = drafts[position - 1];
      if (draft) orders[position - 1] = accepted(draft, id, new Date(created_ms));
    }
    return orders;
  }
}

function accepted(draft: NewOrder, id: number, createdAt: Date): OrderView {
  return {
    id,
    userId: draft.userId,
    itemIds: [...draft.itemIds],
    totalCents: draft.totalCents,
    status: 'PENDING',
    attempt: 0,
    freeAttempts: 0,
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
