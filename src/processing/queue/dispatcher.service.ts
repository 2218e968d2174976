import { Injectable, Logger, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { Subscription } from 'rxjs';
import { WorkerSettings } from '../../config/workers.settings';
import { ClaimsRepository } from '../claims/claims.repository';
import { OrderSignals } from '../../orders/order-signals.service';
import { OrderQueue, type QueueNews } from './order-queue';

/** The queue is refilled when it falls to a quarter: early enough to hide the read, rarely enough to be cheap. */
const LOW_WATER = 0.25;

/** Orders that become due one after the other are read together, at most twenty times a second. */
const MIN_WAKE_MS = 50;

/** Ids pushed together; after a refusal the next ones are not even tried. */
const PUSH_BATCH = 500;

/** When a refill has failed: the loops that wait for it would else sleep until the recovery job's next tick. */
const RETRY_MS = 1_000;

/**
 * Feeds the queue: with orders announced in this process, and from the table.
 *
 * Two modes. *In step*: the queue knows every ready order, and announced ids are pushed at once. *Behind*: the
 * table holds ready orders that the queue doesn't know, because it was full or away, or has just started. Then
 * announced ids are left in the table too, where they stand behind the others, and each refill reads the first
 * ones in line. A refill that reaches the end of the line brings the dispatcher in step again.
 */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Dispatcher.name);
  private behind = true;
  private refilling: Promise<number> | undefined;
  /** Ids announced during a refill, while there is one: they may have been committed after what it read. */
  private late: number[] | undefined;
  private wakeTimer: NodeJS.Timeout | undefined;
  private wakeAt = Infinity;
  private readonly subscriptions = new Subscription();
  private stopped = false;

  constructor(
    private readonly settings: WorkerSettings,
    private readonly queue: OrderQueue,
    private readonly claims: ClaimsRepository,
    private readonly signals: OrderSignals,
  ) {}

  onApplicationBootstrap(): void {
    const announcements = this.signals.ready.subscribe((id) => {
      this.announce(id);
    });
    this.subscriptions.add(announcements);
    const news = this.queue.news.subscribe((about) => {
      this.hear(about);
    });
    this.subscriptions.add(news);
    void this.tryRefill();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    this.subscriptions.unsubscribe();
    clearTimeout(this.wakeTimer);
    await this.queue.close();
    await this.refilling?.catch(() => undefined);
  }

  /** @returns the next order's id as soon as there is one; undefined once the node is shutting down */
  async next(): Promise<number | undefined> {
    const taken = this.queue.take();
    this.refillWhenLow();
    return taken;
  }

  /**
   * Reads the first orders in line from the table into the queue; what doesn't fit stays there.
   *
   * @returns how many orders were read, all those that were ready at the call among them as far as they fit
   */
  async refill(): Promise<number> {
    // One that is under way may have read the table before the caller's orders became ready.
    await this.refilling?.catch(() => undefined);
    this.refilling ??= this.readAll().finally(() => {
      this.refilling = undefined;
    });
    return this.refilling;
  }

  /** Refills in `ms`, when an order is known to become due then. */
  wakeIn(ms: number): void {
    const inMs = Math.max(ms, MIN_WAKE_MS);
    const at = performance.now() + inMs;
    // Past its interval the recovery job comes by anyway.
    if (this.stopped || at >= this.wakeAt || ms >= this.settings.recoveryIntervalMs) return;
    clearTimeout(this.wakeTimer);
    this.wakeAt = at;
    this.wakeTimer = setTimeout(() => {
      this.wakeAt = Infinity;
      void this.tryRefill();
    }, inMs);
  }

  private announce(id: number): void {
    if (this.late && this.late.length < this.queue.capacity) this.late.push(id);
    else if (!this.behind) this.push(id);
  }

  private push(id: number): void {
    const pushed = this.queue.push(id);
    if (pushed === false) this.behind = true;
    else if (pushed !== true) void pushed.then((known) => (this.behind ||= !known));
  }

  private hear(news: QueueNews): void {
    if (news === 'forgot') {
      this.behind = true;
      // Also what a refill under way has just pushed may be gone.
      if (this.isLow) void this.tryRefill();
    } else this.refillWhenLow();
  }

  private get isLow(): boolean {
    return this.queue.depth <= this.queue.capacity * LOW_WATER;
  }

  private refillWhenLow(): void {
    if (this.behind && this.isLow && !this.refilling) void this.tryRefill();
  }

  private async readAll(): Promise<number> {
    let count = 0;
    try {
      // Again while loops stand idle: with a queue smaller than their number one read may not feed them all.
      do count += await this.read();
      while (this.behind && this.queue.hasTakers && !this.stopped);
      return count;
    } catch (error) {
      this.wakeIn(RETRY_MS);
      throw error;
    } finally {
      this.late = undefined;
    }
  }

  private async read(): Promise<number> {
    this.late = [];
    // Until it is through: a read that fails leaves the announced ids to the table.
    this.behind = true;
    // First, so that an order that becomes due between the two is found by the second.
    const nextDueMs = await this.claims.msUntilNextDue();
    if (nextDueMs !== undefined) this.wakeIn(nextDueMs);
    const { capacity } = this.queue;
    const ids = await this.claims.findReady(capacity);
    let inStep = (await this.pushAll(ids)) && ids.length < capacity;
    while (inStep && this.late.length > 0) inStep = await this.pushAll(this.late.splice(0));
    // At one stroke with the last look at the late ones, so that none falls between.
    this.late = undefined;
    this.behind = !inStep;
    return ids.length;
  }

  /** @returns whether all of them fitted */
  private async pushAll(ids: readonly number[]): Promise<boolean> {
    for (let from = 0; from < ids.length; from += PUSH_BATCH) {
      const batch = ids.slice(from, from + PUSH_BATCH);
      const known = await Promise.all(batch.map(async (id) => this.queue.push(id)));
      if (known.includes(false)) return false;
    }
    return true;
  }

  /** For refills that nobody waits for. */
  private async tryRefill(): Promise<void> {
    if (this.stopped) return;
    try {
      await this.refill();
    } catch (error) {
      this.logger.warn(`The queue could not be refilled: ${String(error)}`);
    }
  }
}
