import { Logger } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { Subject } from 'rxjs';
import type { QueueEvent } from '../order-queue';
import type { RedisConnection } from './redis-connection';

/** How old the depth may be, and how late a node notices that other nodes have taken ids. */
const MEASURE_MS = 1_000;

/** Keeps the number of jobs that wait in Redis, and reports what a new number means to the dispatcher. */
export class DepthMonitor {
  readonly events = new Subject<QueueEvent>();
  private readonly logger = new Logger(DepthMonitor.name);
  private readonly timer: NodeJS.Timeout;
  private lastSeen = 0;
  /** True from a new connection to the next successful measurement: the dispatcher needs both to refill the queue. */
  private resetPending = false;
  private stopped = false;

  constructor(
    private readonly jobs: Queue<number>,
    private readonly connection: RedisConnection,
  ) {
    connection.connected.subscribe(() => {
      this.resetPending = true;
      void this.measure();
    });
    this.timer = setInterval(() => void this.measure(), MEASURE_MS);
  }

  /** The number of waiting jobs, as seen last; 0 once stopped. */
  get depth(): number {
    return this.lastSeen;
  }

  /** Takes a number that the caller has just read from Redis. */
  note(waiting: number): void {
    if (!this.stopped) this.lastSeen = waiting;
  }

  /** Takes the news that there was no job to fetch. */
  noteEmpty(): void {
    this.report(0, 'spaceAvailable');
  }

  stop(): void {
    this.stopped = true;
    this.lastSeen = 0;
    clearInterval(this.timer);
  }

  private async measure(): Promise<void> {
    if (!this.connection.isUp) return;
    try {
      const waiting = await this.jobs.getWaitingCount();
      const event = this.resetPending ? 'reset' : 'spaceAvailable';
      this.resetPending = false;
      this.report(waiting, event);
    } catch (error) {
      this.logger.debug(`Redis did not return the number of waiting jobs: ${String(error)}`);
    }
  }

  private report(waiting: number, event: QueueEvent): void {
    if (this.stopped) return;
    this.lastSeen = waiting;
    this.events.next(event);
  }
}
