import { setTimeout as sleep } from 'node:timers/promises';
import { onTestEnd } from './running-test';
import { ORDER } from './service';

const BODY = JSON.stringify(ORDER);

/** A service that is killed leaves requests without an answer. */
const ANSWER_LIMIT_MS = 10_000;

/** Before the next request when one was not answered with 201. */
const PAUSE_MS = 20;

/**
 * Creates orders one after the other, whatever happens to the service, until told to stop or the test ends.
 */
export class Caller {
  /** Orders answered with 201, which must never be lost. */
  readonly accepted: number[] = [];
  /** Status codes so far; 0 for requests that got no answer. */
  readonly statuses = new Set<number>();
  private stopped = false;
  private readonly abandoning = new AbortController();
  private readonly running: Promise<void>;

  constructor(private readonly url: () => string) {
    this.running = this.run();
    onTestEnd(() => {
      this.abandoning.abort();
      return this.stop();
    });
  }

  /** Resolves with the accepted orders once the last request has ended. May be called again. */
  async stop(): Promise<readonly number[]> {
    this.stopped = true;
    await this.running;
    return this.accepted;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const id = await this.create().catch(() => undefined);
      if (id === undefined) await sleep(PAUSE_MS);
      else this.accepted.push(id);
    }
  }

  private async create(): Promise<number | undefined> {
    const response = await fetch(`${this.url()}/order/create_order`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: BODY,
      signal: AbortSignal.any([this.abandoning.signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]),
    }).catch((error: unknown) => {
      this.statuses.add(0);
      throw error;
    });
    this.statuses.add(response.status);
    const { order_id } = (await response.json()) as { order_id?: number };
    return response.status === 201 ? order_id : undefined;
  }
}
