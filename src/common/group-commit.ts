import { DomainError } from './domain-error';

/** As many callers wait as may: one more is refused at once, since it would wait for minutes. */
export class OverloadedError extends DomainError {
  readonly code = 'overloaded';

  /** @param limit callers that may wait */
  constructor(limit: number) {
    super(
      `${limit} requests are already waiting for the database. Send this one again after Retry-After seconds.`,
    );
  }
}

export interface GroupCommitOptions<Item, Result> {
  /** Carries out all items in one statement and gives a result for each, in their order. All or nothing. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Items a statement; bounds its time and memory. */
  readonly maxBatch: number;
  /** Statements under way at once. With one, items take effect in the order in which they were added. */
  readonly maxInFlight: number;
  /** Callers that may wait; one more gets an {@link OverloadedError}. */
  readonly maxWaiting: number;
  /**
   * Whether a failed batch may be retried one by one: only when it is certain that nothing of it took effect, and the
   * cause may be a single item.
   */
  readonly mayIsolate: (error: unknown) => boolean;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: callers that wait at the same moment share one statement, and so one round trip and one flush of the
 * write-ahead log. While it runs, the next batch gathers; so batches grow with the load, and a single caller does not
 * wait for others. A batch that fails is tried again one by one, so that a bad item never fails its neighbours.
 */
export class GroupCommit<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private inFlight = 0;
  private scheduled = false;

  constructor(private readonly options: GroupCommitOptions<Item, Result>) {}

  /**
   * @returns this item's own result, after the commit
   * @throws this item's own error; OverloadedError when `maxWaiting` callers wait already
   */
  add(item: Item): Promise<Result> {
    const { maxWaiting } = this.options;
    if (this.waiting.length >= maxWaiting) return Promise.reject(new OverloadedError(maxWaiting));
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.schedule();
    });
  }

  /** Waits for the end of the event loop's current round: what else arrives in it joins the batch at no cost. */
  private schedule(): void {
    if (this.scheduled || this.waiting.length === 0 || this.inFlight >= this.options.maxInFlight)
      return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.inFlight += 1;
      void this.run(this.waiting.splice(0, this.options.maxBatch));
      this.schedule();
    });
  }

  private async run(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      await this.commit(batch);
    } catch (error) {
      await this.fail(batch, error);
    } finally {
      this.inFlight -= 1;
      this.schedule();
    }
  }

  private async commit(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    const results = await this.options.commit(batch.map(({ item }) => item));
    if (results.length !== batch.length) {
      throw new Error(`A batch of ${batch.length} items returned ${results.length} results`);
    }
    batch.forEach(({ resolve }, index) => {
      resolve(results[index] as Result);
    });
  }

  private async fail(batch: readonly Waiting<Item, Result>[], error: unknown): Promise<void> {
    if (batch.length > 1 && this.options.mayIsolate(error)) {
      for (const waiting of batch) {
        await this.commit([waiting]).catch(waiting.reject);
      }
      return;
    }
    for (const { reject } of batch) reject(error);
  }
}
