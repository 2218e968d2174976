import { Injectable, Logger, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { Settings } from '../config/settings';
import { OrderClaims } from '../orders/order-claims.service';
import { OrderSignals } from '../orders/order-signals.service';
import { OrderQueue } from './order-queue';

/** The queue is refilled when it falls to a quarter: early enough to hide the read, rarely enough to be cheap. */
const LOW_WATER = 0.25;

/** Orders that become due one after the other are read together, at most twenty times a second. */
const MIN_WAKE_MS = 50;

/**
 * Feeds the queue: with orders announced in this process, and from the table.
 *
 * Two modes. *In step*: the queue knows every ready order, and announced ids are pushed at once. *Behind*: the
 * table holds ready orders that the queue doesn't know, because it was full or the service has just started. Then
 * announced ids are left in the table too, where they stand behind the others, and each refill reads the first
 * ones in line. A refill that reaches the end of the line brings the dispatcher in step again.
 */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Dispatcher.name);
  private behind = true;
  private refilling: Promise<number> | undefined;
  /** Ids announced during a refill: they may have been committed after what it read. */
  private late: number[] = [];
  private wakeTimer: NodeJS.Timeout | undefined;
  private announcements: Subscription | undefined;
  private stopped = false;

  constructor(
    private readonly settings: Settings,
    private readonly queue: OrderQueue,
    private readonly claims: OrderClaims,
    private readonly signals: OrderSignals,
  ) {}

  onApplicationBootstrap(): void {
    this.announcements = this.signals.ready.subscribe((id) => {
      this.announce(id);
    });
    void this.tryRefill();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    this.announcements?.unsubscribe();
    clearTimeout(this.wakeTimer);
    this.queue.close();
    await this.refilling?.catch(() => undefined);
  }

  /** @returns the next order's id as soon as there is one; undefined once the node is shutting down */
  async next(): Promise<number | undefined> {
    const taken = this.queue.take();
    if (this.behind && this.queue.depth <= this.queue.capacity * LOW_WATER) void this.tryRefill();
    return taken;
  }

  /**
   * Reads the first orders in line from the table into the queue; what doesn't fit stays there.
   *
   * @returns how many orders were read; a call during a refill shares it
   */
  refill(): Promise<number> {
    this.refilling ??= this.read().finally(() => {
      this.refilling = undefined;
    });
    return this.refilling;
  }

  /** Refills in `ms`, when an order is known to become due then. */
  wakeIn(ms: number): void {
    // The recovery job comes by anyway.
    if (this.stopped || this.wakeTimer || ms >= this.settings.recoveryIntervalMs) return;
    this.wakeTimer = setTimeout(
      () => {
        this.wakeTimer = undefined;
        void this.tryRefill();
      },
      Math.max(ms, MIN_WAKE_MS),
    );
  }

  private announce(id: number): void {
    if (this.refilling && this.late.length < this.queue.capacity) this.late.push(id);
    else if (this.behind) return;
    else if (!this.queue.push(id)) this.behind = true;
  }

  private async read(): Promise<number> {
    this.late = [];
    const { capacity } = this.queue;
    const ids = await this.claims.findReady(capacity);
    const fitted = ids.every((id) => this.queue.push(id));
    const reachedTheEnd = fitted && ids.length < capacity;
    this.behind = !(reachedTheEnd && this.late.every((id) => this.queue.push(id)));
    this.late = [];
    const nextDueMs = await this.claims.msUntilNextDue();
    if (nextDueMs !== undefined) this.wakeIn(nextDueMs);
    return ids.length;
  }

  /** For refills that nobody waits for. */
  private async tryRefill(): Promise<void> {
    if (this.stopped) return;
    try {
      await this.refill();
    } catch (error) {
      // The recovery job's next tick tries again.
      this.logger.warn(`The queue could not be refilled: ${String(error)}`);
    }
  }
}
