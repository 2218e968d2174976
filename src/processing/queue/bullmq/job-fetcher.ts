import { randomUUID } from 'node:crypto';
import type { Job, Worker } from 'bullmq';
import { WaitingConsumers } from '../waiting-consumers';

/** How long a new job may wait in an empty queue before it is noticed. */
const POLL_MS = 50;

/** Jobs requested at once, so that their commands share a round trip. */
const MAX_PARALLEL = 32;

/**
 * Fetches jobs from BullMQ for the consumers that wait, and no more jobs than there are consumers.
 *
 * A job is finished before its id is handed over: then nothing of it is left in Redis, and the next hint of the same
 * order is not mistaken for a duplicate.
 *
 * An empty queue gets one request per {@link POLL_MS}, whatever the number of consumers. Polling is deliberate:
 * BullMQ's blocking wait does not notice jobs for up to ten seconds after a fault, and a blocking command on a
 * half-open connection may consume the notification of a later job.
 */
export class JobFetcher {
  private readonly token = randomUUID();
  private readonly consumers = new WaitingConsumers();
  private running: Promise<void> | undefined;
  private closed = false;
  private foundEmpty = true;
  private endPause: () => void = () => undefined;

  /**
   * @param onEmpty called when the queue has become empty
   * @param putBack takes the ids that were fetched when no consumer was left; never rejects
   */
  constructor(
    private readonly worker: Worker<number>,
    private readonly isUp: () => boolean,
    private readonly onEmpty: () => void,
    private readonly putBack: (ids: readonly number[]) => Promise<void>,
  ) {}

  /** @returns the next id as soon as there is one; undefined once the fetcher is closed */
  take(): Promise<number | undefined> {
    if (this.closed) return Promise.resolve(undefined);
    const taken = this.consumers.wait();
    this.running ??= this.run();
    return taken;
  }

  /** Ends the pause between two polls, because a job was added. */
  wake(): void {
    this.endPause();
  }

  /** Resolves every waiting take with undefined, and puts back what was being fetched. */
  async close(): Promise<void> {
    this.closed = true;
    this.consumers.dismissAll();
    this.wake();
    await this.running;
    await this.worker.close(true);
  }

  private async run(): Promise<void> {
    while (!this.closed && this.consumers.count > 0) {
      const ids = this.isUp() ? await this.fetchSome() : [];
      const left = ids.filter((id) => !this.consumers.serve(id));
      if (left.length > 0) await this.putBack(left);
      if (ids.length === 0) await this.pause();
    }
    // Nothing may be awaited between the last look at the consumers and this line: the next take starts a new run.
    this.running = undefined;
  }

  private async fetchSome(): Promise<number[]> {
    const count = this.foundEmpty ? 1 : Math.min(this.consumers.count, MAX_PARALLEL);
    const fetched = await Promise.all(Array.from({ length: count }, () => this.fetch()));
    const ids = fetched.filter((id) => id !== undefined);
    const wasEmpty = this.foundEmpty;
    this.foundEmpty = ids.length === 0;
    if (this.foundEmpty && !wasEmpty) this.onEmpty();
    return ids;
  }

  private async fetch(): Promise<number | undefined> {
    try {
      // Undefined when there is no job, which the library's types do not say.
      const job = (await this.worker.getNextJob(this.token, { block: false })) as
        Job<number> | undefined;
      if (!job) return undefined;
      await job.moveToCompleted(undefined, this.token, false);
      return job.data;
    } catch {
      // Redis is unavailable or out of memory. A job that was fetched and not finished is put back as stalled.
      return undefined;
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
