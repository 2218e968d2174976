import { Injectable } from '@nestjs/common';
import { CatalogService } from '../catalog/catalog.service';
import { OrderNotFoundError } from '../common/order-not-found-error';
import { CatalogSettings } from '../config/catalog.settings';
import {
  CancelTooLateError,
  IdempotencyKeyReusedError,
  NotFailedError,
  TotalMismatchError,
} from './order-errors';
import { OrderSignals } from './order-signals.service';
import type { Order, OrderView } from './order.entity';
import { mayMove } from './order-status';
import { OrdersRepository, type NewOrder, type OrderFilter } from './orders.repository';

export interface CreatedOrder {
  readonly order: OrderView;
  /** The order exists since an earlier request with the same key. */
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
    private readonly settings: CatalogSettings,
    private readonly catalog: CatalogService,
    private readonly repository: OrdersRepository,
    private readonly signals: OrderSignals,
  ) {}

  /**
   * Accepts an order; when this resolves, the order is committed (invariants I1 and I7).
   *
   * @throws UnknownUserError, UnknownItemsError, TotalMismatchError, IdempotencyKeyReusedError, OverloadedError,
   *   DatabaseUnavailableError
   */
  async create(request: NewOrder): Promise<CreatedOrder> {
    for (;;) {
      const order = await this.repository.accept(request);
      if (order) {
        this.signals.ready.next(order.id);
        return { order, replayed: false };
      }
      // The key comes first: an accepted order stays accepted, even if the catalog has changed since.
      const replayed = await this.replay(request);
      if (replayed) return replayed;
      await this.check(request);
      // Between the statements the catalog was corrected, or the order with the key was deleted: try again.
    }
  }

  /** @throws OrderNotFoundError */
  async get(id: number): Promise<Order> {
    const order = await this.repository.find(id);
    if (!order) throw new OrderNotFoundError(id);
    return order;
  }

  async list(filter: OrderFilter): Promise<OrderPage> {
    // One more than requested shows whether there is a next page.
    const orders = await this.repository.list({ ...filter, limit: filter.limit + 1 });
    const page = orders.slice(0, filter.limit);
    return { orders: page, nextAfterId: orders.length > page.length ? page.at(-1)?.id : undefined };
  }

  /**
   * Cancels a PENDING order. Of a PROCESSING one the cancellation is requested: it stays PROCESSING until its work is
   * aborted, and still completes if the work completes first.
   *
   * @throws OrderNotFoundError, CancelTooLateError
   */
  async cancel(id: number): Promise<Order> {
    for (;;) {
      const cancelled = await this.repository.cancel(id);
      const order = await this.get(id);
      if (order.status === 'CANCELLED') return order;
      if (order.status === 'PROCESSING' && order.cancelRequestedAt) {
        this.signals.cancelRequested.next({ id, attempt: order.attempt });
        return order;
      }
      // Also when it completed between the two statements: then the cancellation came too late.
      if (cancelled || mayNotMove(order)) throw new CancelTooLateError(id, order.status);
      // It was FAILED at the first statement, and was retried before the second: try again.
    }
  }

  /**
   * Gives a FAILED order all its attempts again.
   *
   * @throws OrderNotFoundError, NotFailedError
   */
  async retry(id: number): Promise<Order> {
    const retried = await this.repository.retry(id);
    if (retried) this.signals.ready.next(id);
    const order = await this.get(id);
    if (!retried) throw new NotFailedError(id, order.status);
    return order;
  }

  /**
   * Finds out why the catalog does not confirm a request.
   *
   * @throws UnknownUserError, UnknownItemsError, TotalMismatchError
   */
  private async check({ userId, itemIds, totalCents }: NewOrder): Promise<void> {
    const { catalogCheck } = this.settings;
    const rightCents = await this.catalog.quote(userId, catalogCheck ? itemIds : []);
    if (catalogCheck && rightCents !== totalCents) throw new TotalMismatchError(rightCents);
  }

  /** @returns the order that exists with the request's key, as it is now */
  private async replay(request: NewOrder): Promise<CreatedOrder | undefined> {
    if (request.idempotencyKey === undefined) return undefined;
    const order = await this.repository.findByKey(request.idempotencyKey);
    if (!order) return undefined;
    if (!asksFor(request, order)) throw new IdempotencyKeyReusedError();
    return { order, replayed: true };
  }
}

function mayNotMove({ status }: Order): boolean {
  return !mayMove(status, 'CANCELLED');
}

/** The row holds everything that the request holds, so the two are compared directly, without a hash. */
function asksFor(request: NewOrder, order: Order): boolean {
  return (
    request.userId === order.userId &&
    request.totalCents === order.totalCents &&
    request.itemIds.join() === order.itemIds.join()
  );
}
