import { Injectable } from '@nestjs/common';
import { CatalogService } from '../catalog/catalog.service';
import { DomainError } from '../common/domain-error';
import { Settings } from '../config/settings';
import {
  CancelTooLateError,
  IdempotencyKeyReusedError,
  NotFailedError,
  OrderNotFoundError,
  TotalMismatchError,
} from './order-errors';
import { OrderSignals } from './order-signals.service';
import type { Order } from './order.entity';
import { mayMove } from './order-status';
import { OrdersRepository, type OrderFilter } from './orders.repository';

/** What a caller asks for. */
export interface NewOrder {
  readonly userId: number;
  readonly itemIds: readonly number[];
  readonly totalCents: number;
  /** The caller's own name for this request: however often it is sent, there is one order. */
  readonly idempotencyKey: string | undefined;
}

export interface CreatedOrder {
  readonly order: Order;
  /** The order was there already, created by an earlier request with the same key. */
  readonly replayed: boolean;
}

export interface OrderPage {
  readonly orders: readonly Order[];
  /** Where the next page starts; undefined on the last one. */
  readonly nextAfterId: number | undefined;
}

@Injectable()
export class OrdersService {
  constructor(
    private readonly settings: Settings,
    private readonly catalog: CatalogService,
    private readonly orders: OrdersRepository,
    private readonly signals: OrderSignals,
  ) {}

  /**
   * Accepts an order; when this resolves it is committed (invariants I1 and I7).
   *
   * @throws UnknownUserError, UnknownItemsError, TotalMismatchError, IdempotencyKeyReusedError
   */
  async create(request: NewOrder): Promise<CreatedOrder> {
    try {
      const priceCents = await this.check(request);
      const order = await this.orders.accept({ ...request, priceCents });
      if (order) {
        this.signals.ready.next(order.id);
        return { order, replayed: false };
      }
    } catch (error) {
      // An accepted order stays accepted, though the catalog may have changed since.
      const replayed = await this.replayRefused(request, error);
      if (replayed) return replayed;
      throw error;
    }
    const replayed = await this.replay(request);
    // The key's order was deleted by hand just now, so the key is free again.
    return replayed ?? this.create(request);
  }

  /** @throws OrderNotFoundError */
  async get(id: number): Promise<Order> {
    const order = await this.orders.find(id);
    if (!order) throw new OrderNotFoundError(id);
    return order;
  }

  async list(filter: OrderFilter): Promise<OrderPage> {
    // One more than asked for tells whether there is a next page.
    const orders = await this.orders.list({ ...filter, limit: filter.limit + 1 });
    const page = orders.slice(0, filter.limit);
    return { orders: page, nextAfterId: orders.length > page.length ? page.at(-1)?.id : undefined };
  }

  /**
   * Cancels an order that waits. One that is worked on is asked to stop, and stays PROCESSING until it has; it may
   * still complete if it is through before it hears.
   *
   * @throws OrderNotFoundError, CancelTooLateError
   */
  async cancel(id: number): Promise<Order> {
    for (;;) {
      const cancelled = await this.orders.cancel(id);
      const order = await this.get(id);
      if (order.status === 'CANCELLED') return order;
      if (order.status === 'PROCESSING' && order.cancelRequestedAt) {
        this.signals.cancelRequested.next({ id, attempt: order.attempt });
        return order;
      }
      // Also when it completed between the two statements: the caller hears that it came too late.
      if (cancelled || mayNotMove(order)) throw new CancelTooLateError(id, order.status);
      // It was FAILED at the first statement, and an operator's retry came between the two.
    }
  }

  /**
   * Gives a FAILED order all its attempts again.
   *
   * @throws OrderNotFoundError, NotFailedError
   */
  async retry(id: number): Promise<Order> {
    const retried = await this.orders.retry(id);
    if (retried) this.signals.ready.next(id);
    const order = await this.get(id);
    if (!retried) throw new NotFailedError(id, order.status);
    return order;
  }

  /** @returns the items' prices in cents; none when the catalog is not to be asked about them */
  private async check({ userId, itemIds, totalCents }: NewOrder): Promise<readonly number[]> {
    const asked = this.settings.catalogCheck ? itemIds : [];
    const quote = await this.catalog.quote(userId, asked);
    if (this.settings.catalogCheck && quote.totalCents !== totalCents) {
      throw new TotalMismatchError(quote.totalCents);
    }
    return quote.priceCents;
  }

  private async replayRefused(
    request: NewOrder,
    error: unknown,
  ): Promise<CreatedOrder | undefined> {
    const refused = error instanceof DomainError && error.kind === 'invalid';
    return refused ? this.replay(request) : undefined;
  }

  /** @returns the order that the request's key has already, as it is now */
  private async replay(request: NewOrder): Promise<CreatedOrder | undefined> {
    if (request.idempotencyKey === undefined) return undefined;
    const order = await this.orders.findByKey(request.idempotencyKey);
    if (!order) return undefined;
    if (!asksFor(request, order)) throw new IdempotencyKeyReusedError();
    return { order, replayed: true };
  }
}

function mayNotMove({ status }: Order): boolean {
  return !mayMove(status, 'CANCELLED');
}

/** The row has all that the request said, so the two are compared themselves rather than by a hash. */
function asksFor(request: NewOrder, order: Order): boolean {
  return (
    request.userId === order.userId &&
    request.totalCents === order.totalCents &&
    request.itemIds.join() === order.itemIds.join()
  );
}
