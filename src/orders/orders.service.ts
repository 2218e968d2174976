import { Injectable } from '@nestjs/common';
import { CatalogService } from '../catalog/catalog.service';
import { Settings } from '../config/settings';
import { OrderNotFoundError, TotalMismatchError } from './order-errors';
import { OrderSignals } from './order-signals.service';
import type { Order } from './order.entity';
import { OrdersRepository } from './orders.repository';

/** What a caller asks for. */
export interface NewOrder {
  readonly userId: number;
  readonly itemIds: readonly number[];
  readonly totalCents: number;
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
   * Accepts an order; when this resolves it is committed (invariant I1).
   *
   * @throws UnknownUserError, UnknownItemsError, TotalMismatchError
   */
  async create(request: NewOrder): Promise<Order> {
    const priceCents = await this.check(request);
    const order = await this.orders.accept({ ...request, priceCents });
    this.signals.ready.next(order.id);
    return order;
  }

  /** @throws OrderNotFoundError */
  async get(id: number): Promise<Order> {
    const order = await this.orders.find(id);
    if (!order) throw new OrderNotFoundError(id);
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
}
