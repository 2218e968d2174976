import { ClaimsRepository } from '../claims/claims.repository';
import type { DispatcherMode } from './dispatcher-mode';
import type { OrderQueue } from './order-queue';
import type { WakeTimer } from './wake-timer';

/** Ids pushed at once; after a refusal the following batches are not tried. */
const PUSH_BATCH = 500;

/**
 * The wait after a failed refill. Without it, worker loops that wait for this refill would be idle until the recovery
 * job's next run.
 */
const RETRY_MS = 1_000;

/** Reads the first ready orders in line from the table into the queue, one refill at a time. */
export class QueueRefill {
  private running: Promise<number> | undefined;

  constructor(
    private readonly queue: OrderQueue,
    private readonly claims: ClaimsRepository,
    private readonly mode: DispatcherMode,
    private readonly timer: WakeTimer,
  ) {}

  /**
   * Starts a refill that sees every order that is ready at the time of this call. A refill that is running already may
   * have read the table before: then another one follows it, which all callers that wait for it share.
   *
   * @returns how many ids were read; 0 when the dispatcher is stopped
   * @throws DatabaseUnavailableError; the refill is then tried again after {@link RETRY_MS}
   */
  async request(): Promise<number> {
    await this.settled();
    if (this.mode.is('stopped')) return 0;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /** Resolves when the running refill has ended, whether or not it failed. */
  async settled(): Promise<void> {
    await this.running?.catch(() => undefined);
  }

  private async run(): Promise<number> {
    let count = 0;
    try {
      // Again while loops are idle: a queue with a capacity below their number cannot feed all of them by one read.
      do count += await this.readOnce();
      while (this.missesOrders && this.queue.hasWaitingConsumers);
      // Nothing may be awaited between this look at the consumers and the change to `behind`, after which the next
      // consumer asks for a refill itself.
      return count;
    } catch (error) {
      this.timer.wakeIn(RETRY_MS);
      throw error;
    } finally {
      if (this.mode.is('reading')) this.mode.leaveRead();
    }
  }

  private get missesOrders(): boolean {
    return this.mode.is('reading') || this.mode.is('behind');
  }

  private async readOnce(): Promise<number> {
    this.mode.startRead();
    // In this order, so that an order that becomes due between the two statements is found by the second.
    const nextDueMs = await this.claims.msUntilNextDue();
    if (nextDueMs !== undefined) this.timer.wakeIn(nextDueMs);
    const { capacity } = this.queue;
    const ids = await this.claims.findReady(capacity);
    const allPushed = await this.pushAll(ids);
    if (allPushed && ids.length < capacity) await this.pushAnnounced();
    return ids.length;
  }

  /** Completes the read, unless the queue refuses an id. */
  private async pushAnnounced(): Promise<void> {
    while (this.mode.is('reading')) {
      const ids = this.mode.takeKept();
      // Nothing may be awaited between the last look at the kept ids and the change of mode: an id that is announced
      // in between would be kept for ever.
      if (ids.length === 0) this.mode.completeRead();
      else if (!(await this.pushAll(ids))) return;
    }
  }

  /** @returns whether the queue accepted all of them */
  private async pushAll(ids: readonly number[]): Promise<boolean> {
    for (let from = 0; from < ids.length; from += PUSH_BATCH) {
      const batch = ids.slice(from, from + PUSH_BATCH);
      const accepted = await Promise.all(batch.map(async (id) => this.queue.push(id)));
      if (accepted.includes(false)) return false;
    }
    return true;
  }
}
