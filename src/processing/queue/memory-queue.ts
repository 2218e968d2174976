import { Injectable } from '@nestjs/common';
import { NEVER } from 'rxjs';
import { QueueSettings } from '../../config/queue.settings';
import { OrderQueue } from './order-queue';

/** Slots that may lie unused at the front of the list before it is compacted. */
const COMPACT_AFTER = 1_024;

/**
 * The queue of one node, in its memory; no id is in it twice.
 *
 * Either ids wait or takers wait, never both: a push hands its id to the longest-waiting taker, a take resolves
 * at once while there are ids. Nothing polls.
 */
@Injectable()
export class MemoryQueue extends OrderQueue {
  /** Nobody else knows of this queue. */
  readonly news = NEVER;
  readonly trouble = undefined;
  private ids: number[] = [];
  private head = 0;
  private readonly members = new Set<number>();
  private takers: ((id: number | undefined) => void)[] = [];
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

  /** Whether somebody waits for an id; then there is none. */
  get hasTakers(): boolean {
    return this.takers.length > 0;
  }

  /** @returns false when the id was refused because the queue is full or closed; true also when it is in already */
  push(id: number): boolean {
    if (this.closed) return false;
    if (this.members.has(id)) return true;
    const taker = this.takers.shift();
    if (taker) {
      taker(id);
      return true;
    }
    if (this.depth >= this.capacity) return false;
    this.ids.push(id);
    this.members.add(id);
    return true;
  }

  /** @returns the next id as soon as there is one; undefined once the queue is closed */
  take(): Promise<number | undefined> {
    if (this.closed) return Promise.resolve(undefined);
    const id = this.ids[this.head];
    if (id === undefined) return new Promise((resolve) => this.takers.push(resolve));
    this.head += 1;
    this.members.delete(id);
    if (this.head >= COMPACT_AFTER && this.head * 2 >= this.ids.length) {
      this.ids = this.ids.slice(this.head);
      this.head = 0;
    }
    return Promise.resolve(id);
  }

  /** Wakes every taker with undefined and forgets the ids: the table has them. May be called twice. */
  close(): void {
    this.closed = true;
    const takers = this.takers;
    this.takers = [];
    this.ids = [];
    this.head = 0;
    this.members.clear();
    for (const taker of takers) taker(undefined);
  }
}
