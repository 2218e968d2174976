import type { Observable } from 'rxjs';

/**
 * What a queue tells its feeder.
 * - `forgot`: it was out of reach, and may have lost every id.
 * - `room`: others may have taken ids, so that more may fit.
 */
export type QueueNews = 'forgot' | 'room';

/**
 * Ids of orders that are ready, on their way to the worker loops: first in, first out, bounded. Hints only; the
 * truth is in the table, so any id may be lost, doubled, late or out of order.
 */
export abstract class OrderQueue {
  /** Ids that may wait at once. */
  abstract readonly capacity: number;

  /** What only the engine can know about the world outside of this process. */
  abstract readonly news: Observable<QueueNews>;

  /** Ids that wait; where nodes share them, as last seen. */
  abstract get depth(): number;

  /** Whether loops of this node wait, so that a pushed id is theirs and takes no room. Never, where nodes share ids. */
  abstract get hasTakers(): boolean;

  /** What keeps the engine from its work right now, in words for people; undefined when nothing does. */
  abstract get trouble(): string | undefined;

  /**
   * Never throws and never keeps the caller waiting: an engine that has to ask elsewhere gives a promise, which
   * never rejects.
   *
   * @returns false when the id was refused because the queue is full, closed or out of reach
   */
  abstract push(id: number): boolean | Promise<boolean>;

  /** @returns the next id as soon as there is one; undefined once the queue is closed */
  abstract take(): Promise<number | undefined>;

  /** Wakes every taker with undefined; from here on nothing goes in or out. May be called twice. */
  abstract close(): void | Promise<void>;
}
