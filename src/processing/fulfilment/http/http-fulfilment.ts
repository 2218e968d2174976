import { types } from 'node:util';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { Agent, type Dispatcher } from 'undici';
import { FulfilmentSettings } from '../../../config/fulfilment.settings';
import { WorkerSettings } from '../../../config/workers.settings';
import type { Claim } from '../../claims/claim';
import { OrdersService } from '../../../orders/orders.service';
import { excerpt } from './excerpt';
import { Fulfilment, FulfilmentFailed, FulfilmentRefused } from '../fulfilment';
import { FulfilmentCircuit } from './fulfilment-circuit';
import { readBounded } from './read-bounded';
import { parseRetryAfter } from './retry-after';
import { traceParent } from './trace-parent';
import { signatureHeaders } from './webhook-signature';
import { withDeadline } from './with-deadline';

/** Of a longer answer the rest is dropped, and the connection with it. */
export const MAX_ANSWER_BYTES = 65_536;

/** What an error quotes of an answer, in characters. */
const MAX_QUOTE_LENGTH = 300;

/** Below 500, the statuses that say "not now" rather than "not this": timeout, too early, too many requests. */
const NOT_NOW: readonly number[] = [408, 425, 429];

/** What an order is, without how it goes: the same in every attempt. */
interface OrderMessage {
  readonly order_id: number;
  readonly user_id: number;
  readonly item_ids: readonly number[];
  readonly total_amount: number;
  readonly created_at: string;
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/**
 * Has orders fulfilled by an endpoint: each is posted to `FULFILMENT_URL`, and any 2xx completes it.
 *
 * All attempts of an order send the same body under the same `Idempotency-Key` and `webhook-id`, so that a receiver
 * can tell a repetition from a second order, and from a key that was used twice.
 */
@Injectable()
export class HttpFulfilment extends Fulfilment implements OnApplicationShutdown {
  private readonly url: URL;
  private readonly agent: Agent;
  private readonly circuit: FulfilmentCircuit;
  private readonly webhook: Webhook | undefined;

  constructor(
    private readonly settings: FulfilmentSettings,
    { workerCount }: WorkerSettings,
    private readonly orders: OrdersService,
  ) {
    super();
    const { fulfilmentUrl = '', fulfilmentSecret, fulfilmentTimeoutMs } = settings;
    this.url = new URL(fulfilmentUrl);
    this.webhook = fulfilmentSecret === undefined ? undefined : new Webhook(fulfilmentSecret);
    this.circuit = new FulfilmentCircuit(
      settings.fulfilmentBreakerFailures,
      settings.fulfilmentBreakerPauseMs,
    );
    this.agent = new Agent({
      // A loop makes one call at a time, so none ever waits for a connection.
      connections: workerCount,
      connect: { timeout: fulfilmentTimeoutMs },
      // The deadline of the whole call counts, not those of its parts.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  async onApplicationShutdown(): Promise<void> {
    if (!this.agent.closed) await this.agent.close();
  }

  /**
   * @throws FulfilmentRefused for any 3xx (redirects are not followed) and for a 4xx that a repetition won't mend;
   *   FulfilmentFailed for 408, 425, 429 and 5xx, for a connection that fails or breaks off, and after
   *   `FULFILMENT_TIMEOUT_MS` without a complete answer; FulfilmentPaused while the circuit is open
   */
  override async fulfil({ orderId }: Claim, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.circuit.run(async () => {
      const order = messageOf(await this.orders.get(orderId));
      judge(await this.post(order, signal));
    });
  }

  /** @throws FulfilmentFailed without a complete answer; the signal's reason when aborted */
  private async post(order: OrderMessage, signal: AbortSignal): Promise<Answer> {
    const ms = this.settings.fulfilmentTimeoutMs;
    const late = () => new FulfilmentFailed(`no complete answer within ${ms} ms`);
    try {
      return await withDeadline(ms, signal, late, (either) => this.exchange(order, either));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof FulfilmentFailed) throw error;
      // The error's own message would tell callers of the API about addresses inside.
      throw new FulfilmentFailed(`no complete answer: ${codeOf(error)}`, { cause: error });
    }
  }

  private async exchange(order: OrderMessage, signal: AbortSignal): Promise<Answer> {
    const body = JSON.stringify(order);
    const {
      statusCode,
      headers,
      body: answer,
    } = await this.agent.request({
      origin: this.url.origin,
      path: `${this.url.pathname}${this.url.search}`,
      method: 'POST',
      headers: this.headersFor(order, body),
      body,
      signal,
    });
    const start = await readBounded(answer, MAX_ANSWER_BYTES);
    return { status: statusCode, retryAfter: retryAfterOf(headers), text: start.toString('utf8') };
  }

  private headersFor(order: OrderMessage, body: string): Record<string, string> {
    const key = `order-${order.order_id}`;
    return {
      'content-type': 'application/json',
      'idempotency-key': key,
      // Attempts of an order share a trace; the time keeps orders of other databases with the same id out of it.
      traceparent: traceParent(`${key} ${order.created_at}`),
      ...(this.webhook && signatureHeaders(this.webhook, key, body)),
    };
  }
}

/** The status, the attempt and its times change between attempts; a key's body must not. */
function messageOf(order: Awaited<ReturnType<OrdersService['get']>>): OrderMessage {
  return {
    order_id: order.id,
    user_id: order.userId,
    item_ids: order.itemIds,
    total_amount: order.totalCents / 100,
    created_at: order.createdAt.toISOString(),
  };
}

/** @throws FulfilmentFailed, FulfilmentRefused unless the answer is a 2xx */
function judge({ status, retryAfter, text }: Answer): void {
  if (status >= 200 && status <= 299) return;
  const quote = excerpt(text, MAX_QUOTE_LENGTH);
  const message = quote === '' ? `answered ${status}` : `answered ${status}: ${quote}`;
  if (status < 500 && !NOT_NOW.includes(status)) throw new FulfilmentRefused(message);
  const retryAfterMs = parseRetryAfter(retryAfter, Date.now());
  throw new FulfilmentFailed(message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

function retryAfterOf(headers: Dispatcher.ResponseData['headers']): string | undefined {
  const header = headers['retry-after'];
  return Array.isArray(header) ? header[0] : header;
}

/** E.g. `ECONNREFUSED`, `UND_ERR_SOCKET`. */
function codeOf(error: unknown): string {
  if (!types.isNativeError(error)) return 'unknown error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
