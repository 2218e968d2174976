import { Injectable } from '@nestjs/common';
import { NEVER, type Observable } from 'rxjs';
import { QueueSettings } from '../../config/queue.settings';
import { OrderQueue, type QueueEvent } from './order-queue';
import { WaitingConsumers } from './waiting-consumers';

/** The list is compacted when at least this many slots at its front, and half of all slots, are unused. */
const MIN_UNUSED_SLOTS = 1_024;

/**
 * The queue of a single node, in its memory. It holds no id twice.
 *
 * Either ids wait or consumers wait, never both: a push hands its id to the consumer that has waited longest, and a
 * take resolves at once while there are ids. Nothing polls.
 */
@Injectable()
export class MemoryQueue extends OrderQueue {
  /** No other process has access to this queue, so there is nothing to report. */
  readonly events: Observable<QueueEvent> = NEVER;
  readonly unavailableReason = undefined;
  private ids: number[] = [];
  /** Index in `ids` of the next id; the slots before it are unused. */
  private head = 0;
  private readonly members = new Set<number>();
  private readonly consumers = new WaitingConsumers();
  private closed = false;

  constructor(private readonly settings: QueueSettings) {
    super();
  }

  get capacity(): number {
    return this.settings.queueCapacity;
  }

  get depth(): number {
    return this.members.size;
  }

  get hasWaitingConsumers(): boolean {
    return this.consumers.count > 0;
  }

  push(id: number): boolean {
    if (this.closed) return false;
    if (this.members.has(id)) return true;
    if (this.consumers.serve(id)) return true;
    if (this.depth >= this.capacity) return false;
    this.ids.push(id);
    this.members.add(id);
    return true;
  }

  take(): Promise<number | undefined> {
    if (this.closed) return Promise.resolve(undefined);
    const id = this.ids[this.head];
    if (id === undefined) return this.consumers.wait();
    this.head += 1;
    this.members.delete(id);
    this.compact();
    return Promise.resolve(id);
  }

  /** Drops the ids too: their orders are in the table. */
  close(): void {
    this.closed = true;
    this.ids = [];
    this.head = 0;
    this.members.clear();
    this.consumers.dismissAll();
  }

  /** Copies the list without its unused slots, at a cost that is constant per take on average. */
  private compact(): void {
    if (this.head < MIN_UNUSED_SLOTS || this.head * 2 < this.ids.length) return;
    this.ids = this.ids.slice(this.head);
    this.head = 0;
  }
}
