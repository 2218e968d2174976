import { types } from 'node:util';
import type { OnApplicationShutdown } from '@nestjs/common';
import { timeout, TimeoutStrategy, type TimeoutPolicy } from 'cockatiel';
import { Webhook } from 'standardwebhooks';
import { Agent, type Dispatcher } from 'undici';
import type { FulfilmentSettings } from '../../../config/fulfilment.settings';
import type { WorkerSettings } from '../../../config/workers.settings';
import type { Claim } from '../../claims/claim';
import { Fulfilment, FulfilmentFailed } from '../fulfilment';
import { judge, type Answer } from './answer';
import { FulfilmentCircuit } from './fulfilment-circuit';
import { messageOf, type OrderMessage } from './order-message';
import { readBounded } from './read-bounded';
import { traceParent } from './trace-parent';
import { signatureHeaders } from './webhook-signature';

/** The rest of a longer answer is dropped, and its connection closed. */
export const MAX_ANSWER_BYTES = 65_536;

/**
 * Has orders fulfilled by an endpoint: each is posted to `FULFILMENT_URL`, and any 2xx completes it.
 *
 * All attempts of an order send the same body under the same `Idempotency-Key` and `webhook-id`, so that a receiver
 * can tell a repetition from a second order, and from a key that was used twice.
 */
export class HttpFulfilment extends Fulfilment implements OnApplicationShutdown {
  private readonly url: URL;
  private readonly agent: Agent;
  private readonly circuit: FulfilmentCircuit;
  private readonly deadline: TimeoutPolicy;
  private readonly webhook: Webhook | undefined;

  constructor(
    private readonly settings: FulfilmentSettings,
    { workerCount }: WorkerSettings,
  ) {
    super();
    const { fulfilmentUrl = '', fulfilmentSecret, fulfilmentTimeoutMs } = settings;
    this.url = new URL(fulfilmentUrl);
    this.webhook = fulfilmentSecret === undefined ? undefined : new Webhook(fulfilmentSecret);
    this.circuit = new FulfilmentCircuit(
      settings.fulfilmentBreakerFailures,
      settings.fulfilmentBreakerPauseMs,
    );
    this.deadline = timeout(fulfilmentTimeoutMs, {
      // Ends the call at once, even one that is slow to heed its signal.
      strategy: TimeoutStrategy.Aggressive,
      // A call that has ended by itself must not look like one that was aborted.
      abortOnReturn: false,
    });
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
   * @throws FulfilmentRefused for any 3xx (redirects are not followed) and for a 4xx that a retry would not change;
   *   FulfilmentFailed for 408, 425, 429 and 5xx, for a connection that fails, and after `FULFILMENT_TIMEOUT_MS` without
   *   a complete answer; FulfilmentPaused while the circuit is open; the signal's reason when aborted
   */
  override async fulfil(claim: Claim, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.circuit.run(async () => {
      judge(await this.post(messageOf(claim), signal));
    });
  }

  /** @throws FulfilmentFailed without a complete answer; the signal's reason when aborted */
  private async post(order: OrderMessage, signal: AbortSignal): Promise<Answer> {
    let call = signal;
    try {
      return await this.deadline.execute((context) => {
        call = context.signal;
        return this.exchange(order, call);
      }, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { fulfilmentTimeoutMs } = this.settings;
      // The error's own message would tell callers of the API about internal addresses.
      const message = call.aborted
        ? `no complete answer within ${fulfilmentTimeoutMs} ms`
        : `no complete answer: ${codeOf(error)}`;
      throw new FulfilmentFailed(message, { cause: error });
    }
  }

  private async exchange(order: OrderMessage, signal: AbortSignal): Promise<Answer> {
    const body = JSON.stringify(order);
    const { pathname, search, origin } = this.url;
    const response = await this.agent.request({
      origin,
      path: `${pathname}${search}`,
      method: 'POST',
      headers: this.headersFor(order, body),
      body,
      signal,
    });
    const start = await readBounded(response.body, MAX_ANSWER_BYTES);
    return {
      status: response.statusCode,
      retryAfter: retryAfterOf(response.headers),
      text: start.toString('utf8'),
    };
  }

  private headersFor(order: OrderMessage, body: string): Record<string, string> {
    const key = `order-${order.order_id}`;
    return {
      'content-type': 'application/json',
      'idempotency-key': key,
      // All attempts of an order share a trace; the time keeps orders of other databases with the same id apart.
      traceparent: traceParent(`${key} ${order.created_at}`),
      ...(this.webhook && signatureHeaders(this.webhook, key, body)),
    };
  }
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
