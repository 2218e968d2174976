import { Injectable, Logger, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { Subscription } from 'rxjs';
import { WorkerSettings } from '../../config/workers.settings';
import { OrderSignals } from '../../orders/order-signals.service';
import { ClaimsRepository } from '../claims/claims.repository';
import { DispatcherMode } from './dispatcher-mode';
import { OrderQueue, type QueueEvent } from './order-queue';
import { QueueRefill } from './queue-refill';
import { WakeTimer } from './wake-timer';

/** The queue is refilled when it falls to a quarter: early enough to hide the read, rarely enough to be cheap. */
const LOW_WATER = 0.25;

/**
 * Feeds the queue with ids of ready orders: those that are announced in this process, and those that it reads from the
 * table. {@link DispatcherMode} says which of the two applies when.
 */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Dispatcher.name);
  private readonly mode = new DispatcherMode();
  private readonly timer: WakeTimer;
  private readonly queueRefill: QueueRefill;
  private readonly subscriptions = new Subscription();
  private failing = false;

  constructor(
    settings: WorkerSettings,
    private readonly queue: OrderQueue,
    claims: ClaimsRepository,
    private readonly signals: OrderSignals,
  ) {
    // The recovery job refills the queue once every interval, so that nothing needs to wake up later than that.
    this.timer = new WakeTimer(() => void this.tryRefill(), settings.recoveryIntervalMs);
    this.queueRefill = new QueueRefill(queue, claims, this.mode, this.timer);
  }

  onApplicationBootstrap(): void {
    const announcements = this.signals.ready.subscribe((id) => {
      this.announce(id);
    });
    this.subscriptions.add(announcements);
    const events = this.queue.events.subscribe((event) => {
      this.handle(event);
    });
    this.subscriptions.add(events);
    void this.tryRefill();
  }

  /** Closes the queue, so that every waiting {@link next} ends, and waits for a running refill. May be called twice. */
  async onModuleDestroy(): Promise<void> {
    this.mode.stop();
    this.subscriptions.unsubscribe();
    this.timer.stop();
    await this.queue.close();
    await this.queueRefill.settled();
  }

  /** @returns the next order's id as soon as there is one; undefined once the node is shutting down */
  next(): Promise<number | undefined> {
    const taken = this.queue.take();
    this.refillWhenLow();
    return taken;
  }

  /**
   * Reads the first ready orders in line from the table into the queue; those that do not fit stay in the table.
   *
   * @returns how many ids were read: of all orders that were ready at the call, as many as the queue's capacity; 0 when
   * the node is shutting down
   * @throws DatabaseUnavailableError
   */
  refill(): Promise<number> {
    return this.queueRefill.request();
  }

  /** Refills in `ms`, because an order becomes due then. */
  wakeIn(ms: number): void {
    this.timer.wakeIn(ms);
  }

  private announce(id: number): void {
    if (this.mode.is('reading')) this.mode.keep(id, this.queue.capacity);
    else if (this.mode.is('up to date')) this.push(id);
  }

  private push(id: number): void {
    const accepted = this.queue.push(id);
    if (accepted === false) this.noteRefusal();
    else if (accepted !== true) {
      void accepted.then((value) => {
        if (!value) this.noteRefusal();
      });
    }
  }

  /** A refusal that arrives during a read needs nothing more: the read began after the order was committed. */
  private noteRefusal(): void {
    if (this.mode.is('up to date')) this.mode.fallBehind();
  }

  private handle(event: QueueEvent): void {
    if (event === 'reset') {
      this.mode.loseHints();
      // Also when a refill is running: it may have pushed its ids before the reset.
      if (this.isLow) void this.tryRefill();
    } else this.refillWhenLow();
  }

  private get isLow(): boolean {
    return this.queue.depth <= this.queue.capacity * LOW_WATER;
  }

  private refillWhenLow(): void {
    if (this.mode.is('behind') && this.isLow) void this.tryRefill();
  }

  /** For refills whose result is not awaited. Logs a series of failures once. */
  private async tryRefill(): Promise<void> {
    try {
      await this.queueRefill.request();
      if (this.failing) this.logger.log('Refill of the queue succeeded again.');
      this.failing = false;
    } catch (error) {
      if (!this.failing)
        this.logger.warn(`Refill of the queue failed, will retry: ${String(error)}`);
      this.failing = true;
    }
  }
}
