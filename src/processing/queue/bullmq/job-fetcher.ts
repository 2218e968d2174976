import { randomUUID } from 'node:crypto';
import type { Job, Worker } from 'bullmq';

/** How long a hint may lie in an empty queue before it is seen. */
const POLL_MS = 50;

/** Jobs asked for at once, so that they share a round trip. */
const MAX_PARALLEL = 32;

/**
 * Brings jobs from BullMQ to the loops that wait, and never more of them than that.
 *
 * A job is finished before its id is handed over: what is then left of it in Redis is nothing, and the next hint of
 * the same order cannot collide with it.
 *
 * One fetch at a time asks an empty queue, whatever the number of loops. It polls on purpose: BullMQ's blocking wait
 * stays blind for up to ten seconds after a fault, and one that a half-open connection has swallowed may consume the
 * wake-up of a later job.
 */
export class JobFetcher {
  private readonly token = randomUUID();
  private takers: ((id: number | undefined) => void)[] = [];
  private running: Promise<void> | undefined;
  private closed = false;
  private dry = true;
  private wakeUp: () => void = () => undefined;

  /**
   * @param ranDry called when the queue turns out to be empty
   * @param giveBack takes the ids that came when there was nobody left to work on them
   */
  constructor(
    private readonly worker: Worker<number>,
    private readonly isUp: () => boolean,
    private readonly ranDry: () => void,
    private readonly giveBack: (ids: readonly number[]) => Promise<void>,
  ) {}

  take(): Promise<number | undefined> {
    if (this.closed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.takers.push(resolve);
      this.running ??= this.run();
    });
  }

  /** Looks again at once: there is something in the queue. */
  wake(): void {
    this.wakeUp();
  }

  async close(): Promise<void> {
    this.closed = true;
    const takers = this.takers;
    this.takers = [];
    for (const taker of takers) taker(undefined);
    this.wake();
    await this.running;
    await this.worker.close(true);
  }

  private async run(): Promise<void> {
    while (!this.closed && this.takers.length > 0) {
      const ids = this.isUp() ? await this.fetchSome() : [];
      const left = ids.filter((id) => !this.handOver(id));
      if (left.length > 0) await this.giveBack(left);
      if (ids.length === 0) await this.pause();
    }
    // In step with the loop's last look at the takers, so that none of them is overlooked.
    this.running = undefined;
  }

  private async fetchSome(): Promise<number[]> {
    const count = this.dry ? 1 : Math.min(this.takers.length, MAX_PARALLEL);
    const fetched = await Promise.all(Array.from({ length: count }, () => this.fetch()));
    const ids = fetched.filter((id) => id !== undefined);
    const wasDry = this.dry;
    this.dry = ids.length === 0;
    if (this.dry && !wasDry) this.ranDry();
    return ids;
  }

  private async fetch(): Promise<number | undefined> {
    try {
      // Undefined when there is none, whatever the library's types say.
      const job = (await this.worker.getNextJob(this.token, { block: false })) as
        Job<number> | undefined;
      if (!job) return undefined;
      await job.moveToCompleted(undefined, this.token, false);
      return job.data;
    } catch {
      // Away, or out of memory. A job that got stuck on the way comes back when its lock has run out.
      return undefined;
    }
  }

  private handOver(id: number): boolean {
    const taker = this.takers.shift();
    taker?.(id);
    return taker !== undefined;
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
