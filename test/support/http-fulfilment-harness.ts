import { Logger } from '@nestjs/common';
import { loadSettings } from '../../src/config/load-settings';
import type { OrdersService } from '../../src/orders/orders.service';
import { HttpFulfilment } from '../../src/processing/fulfilment/http/http-fulfilment';
import { HttpEndpoint } from './http-endpoint';

type Order = Awaited<ReturnType<OrdersService['get']>>;

/** The fulfilment under test, the endpoint that it calls, and orders that change from attempt to attempt. */
export class HttpFulfilmentHarness {
  private readonly fulfilments: HttpFulfilment[] = [];
  private attempt = 0;

  private constructor(readonly endpoint: HttpEndpoint) {}

  static async start(): Promise<HttpFulfilmentHarness> {
    Logger.overrideLogger(false);
    return new HttpFulfilmentHarness(await HttpEndpoint.start());
  }

  /** @param variables of the environment, beside the endpoint's address */
  fulfilment(variables: Record<string, string> = {}): HttpFulfilment {
    const settings = loadSettings({
      FULFILMENT: 'http',
      FULFILMENT_URL: this.endpoint.url,
      ...variables,
    });
    const fulfilment = new HttpFulfilment(settings, settings, {
      get: (id: number) => Promise.resolve(this.order(id)),
    } as OrdersService);
    this.fulfilments.push(fulfilment);
    return fulfilment;
  }

  /** One attempt; rejects like the fulfilment does. */
  fulfil(
    fulfilment: HttpFulfilment,
    orderId = 5,
    signal = new AbortController().signal,
  ): Promise<void> {
    return fulfilment.fulfil({ orderId, attempt: 1, uncounted: 0 }, signal);
  }

  /** What an attempt throws. */
  async failure(
    fulfilment: HttpFulfilment,
    orderId?: number,
    signal?: AbortSignal,
  ): Promise<unknown> {
    return this.fulfil(fulfilment, orderId, signal).then(
      () => 'fulfilled',
      (error: unknown) => error,
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.fulfilments.map((fulfilment) => fulfilment.onApplicationShutdown()));
    await this.endpoint.stop();
  }

  private order(id: number): Order {
    this.attempt += 1;
    return {
      id,
      userId: 2,
      itemIds: [12, 3],
      itemPrices: ['30.00', '25.50'],
      totalCents: 5_550,
      status: 'PROCESSING',
      attempt: this.attempt,
      startedAt: new Date(this.attempt),
      createdAt: new Date('2026-11-23T09:30:00Z'),
      finishedAt: null,
      lastError: `attempt ${this.attempt - 1} failed`,
    } as Order;
  }
}
