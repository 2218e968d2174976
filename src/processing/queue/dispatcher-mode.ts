import { ok } from 'node:assert';

type State =
  | { readonly name: 'behind' }
  | { readonly name: 'reading'; readonly announced: number[]; hintLost: boolean }
  | { readonly name: 'up to date' }
  | { readonly name: 'stopped' };

export type ModeName = State['name'];

const BEHIND: State = { name: 'behind' };
const UP_TO_DATE: State = { name: 'up to date' };
const STOPPED: State = { name: 'stopped' };

/**
 * How well the queue knows the ready orders of the table. The dispatcher is always in one of four modes:
 *
 * - `behind` (initial): the table may hold ready orders that the queue does not know, because it was full or
 *   unavailable, or has just started. Announced ids are left in the table, where they stand behind the others: each
 *   read takes the first orders in line, so that orders are processed in their order.
 * - `reading`: ready orders are being read from the table into the queue. Announced ids are kept until the read has
 *   pushed its own, because their orders may have been committed after the moment that the read saw.
 * - `up to date`: the queue knows every ready order. Announced ids are pushed at once.
 * - `stopped` (final): the node is shutting down. Ids are ignored.
 *
 * | transition     | from                        | to         | when                                                       |
 * |----------------|-----------------------------|------------|------------------------------------------------------------|
 * | `startRead`    | behind, reading, up to date | reading    | a refill starts, or reads the table once more              |
 * | `completeRead` | reading                     | up to date | all ready and all announced ids were pushed                |
 * | `completeRead` | reading                     | behind     | the same, but the queue lost ids during the read           |
 * | `leaveRead`    | reading                     | behind     | the read failed, or found more ids than the queue accepted |
 * | `fallBehind`   | up to date                  | behind     | the queue refused an announced id                          |
 * | `loseHints`    | behind, up to date          | behind     | the queue may have lost ids                                |
 * | `loseHints`    | reading                     | reading    | the same; the read then ends behind                        |
 * | `stop`         | any                         | stopped    | the node shuts down                                        |
 *
 * Each transition throws an AssertionError when the mode is not one of its `from`: that is a fault of the caller.
 */
export class DispatcherMode {
  private state: State = BEHIND;

  get name(): ModeName {
    return this.state.name;
  }

  is(name: ModeName): boolean {
    return this.state.name === name;
  }

  /** Whatever was announced or lost before is covered by the new read, which sees the table as it is now. */
  startRead(): void {
    ok(!this.is('stopped'), 'A stopped dispatcher must not read');
    this.state = { name: 'reading', announced: [], hintLost: false };
  }

  /**
   * Keeps an id that was announced during the read.
   *
   * @param limit ids that may be kept; one more is left to the table, and the read ends behind
   */
  keep(id: number, limit: number): void {
    const reading = this.requireReading();
    if (reading.announced.length < limit) reading.announced.push(id);
    else reading.hintLost = true;
  }

  /** @returns the ids kept since the last call, the first announced first */
  takeKept(): number[] {
    return this.requireReading().announced.splice(0);
  }

  completeRead(): void {
    const { announced, hintLost } = this.requireReading();
    ok(announced.length === 0, 'Announced ids must be pushed before the read is completed');
    this.state = hintLost ? BEHIND : UP_TO_DATE;
  }

  leaveRead(): void {
    this.requireReading();
    this.state = BEHIND;
  }

  fallBehind(): void {
    ok(this.is('up to date'), 'Only a dispatcher that is up to date can fall behind');
    this.state = BEHIND;
  }

  /** During a read even ids that the read has just pushed may be gone. */
  loseHints(): void {
    ok(!this.is('stopped'), 'A stopped dispatcher has no hints to lose');
    if (this.state.name === 'reading') this.state.hintLost = true;
    else this.state = BEHIND;
  }

  stop(): void {
    this.state = STOPPED;
  }

  private requireReading(): Extract<State, { name: 'reading' }> {
    ok(this.state.name === 'reading', `A read is expected to be under way, not ${this.state.name}`);
    return this.state;
  }
}
