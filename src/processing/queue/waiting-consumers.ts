type Resolve = (id: number | undefined) => void;

/**
 * The calls of `take` that wait for an id, in the order in which they were made.
 *
 * Bounded by the number of worker loops: each loop has at most one call waiting.
 */
export class WaitingConsumers {
  private resolvers: Resolve[] = [];

  get count(): number {
    return this.resolvers.length;
  }

  /** @returns the id that {@link serve} gives to this call; undefined after {@link dismissAll} */
  wait(): Promise<number | undefined> {
    return new Promise((resolve) => this.resolvers.push(resolve));
  }

  /**
   * Gives an id to the call that has waited longest.
   *
   * @returns false when no call waits
   */
  serve(id: number): boolean {
    const resolve = this.resolvers.shift();
    resolve?.(id);
    return resolve !== undefined;
  }

  /** Resolves every waiting call with undefined. */
  dismissAll(): void {
    const dismissed = this.resolvers;
    this.resolvers = [];
    for (const resolve of dismissed) resolve(undefined);
  }
}
