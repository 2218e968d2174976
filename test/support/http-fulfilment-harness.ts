import { Logger } from '@nestjs/common';
import { loadSettings } from '../../src/config/load-settings';
import type { OrderContents } from '../../src/processing/claims/claim';
import { HttpFulfilment } from '../../src/processing/fulfilment/http/http-fulfilment';
import { HttpEndpoint } from './http-endpoint';

const ORDER: OrderContents = {
  userId: 2,
  itemIds: [12, 3],
  totalCents: 5_550,
  createdAt: new Date('2026-11-23T09:30:00Z'),
};

/** The fulfilment under test and the endpoint that it calls. */
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
    const fulfilment = new HttpFulfilment(settings, settings);
    this.fulfilments.push(fulfilment);
    return fulfilment;
  }

  /** One attempt; rejects like the fulfilment does. */
  fulfil(
    fulfilment: HttpFulfilment,
    orderId = 5,
    signal = new AbortController().signal,
  ): Promise<void> {
    this.attempt += 1;
    return fulfilment.fulfil(
      { orderId, attempt: this.attempt, freeAttempts: 0, order: ORDER },
      signal,
    );
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
}
