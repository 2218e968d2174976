import type { Observable } from 'rxjs';

/**
 * What a queue engine reports to the dispatcher.
 * - `reset`: the engine was unreachable and may have lost any number of ids.
 * - `spaceAvailable`: other nodes may have taken ids, so that more may fit.
 */
export type QueueEvent = 'reset' | 'spaceAvailable';

/**
 * A bounded first-in-first-out queue that brings ids of ready orders to the worker loops.
 *
 * The ids are hints: the truth is in the orders table, so any id may be lost, duplicated, delayed or reordered.
 */
export abstract class OrderQueue {
  /** The number of ids that may wait at once. */
  abstract readonly capacity: number;

  /** Events that only the engine can observe, because they happen outside this process. */
  abstract readonly events: Observable<QueueEvent>;

  /** The number of waiting ids. An engine that is shared by nodes gives the number that it saw last. */
  abstract get depth(): number;

  /**
   * Whether a {@link take} of this node is waiting, so that the next pushed id goes to it and needs no capacity.
   * Always false for an engine that is shared by nodes: another node may get the id.
   */
  abstract get hasWaitingConsumers(): boolean;

  /** Why the engine cannot be used at present, as a sentence for operators; undefined when it can be used. */
  abstract get unavailableReason(): string | undefined;

  /**
   * Adds an id. Never throws, and never blocks: an engine that needs a round trip returns a promise, which never
   * rejects.
   *
   * @returns true when the id is in the queue, or was in it already; false when it was refused because the queue is
   * full, closed or unavailable
   */
  abstract push(id: number): boolean | Promise<boolean>;

  /** @returns the next id as soon as there is one; undefined once the queue is closed */
  abstract take(): Promise<number | undefined>;

  /** Resolves every waiting take with undefined. Afterwards nothing goes in or out. May be called twice. */
  abstract close(): void | Promise<void>;
}
