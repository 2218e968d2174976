/** The period of the `@Interval`s that tick a {@link Periodic}: how late a job may start. */
export const TICK_MS = 100;

/**
 * Runs a task each time its period is over, never twice at once.
 *
 * Nest's `@Interval` is a bare `setInterval` whose period is fixed when the class is defined: it takes no settings,
 * starts a second run while a slow first one is under way, and does not wait for a run at shutdown. So it ticks at a
 * short fixed period, and this class decides when a run is due.
 */
export class Periodic {
  private running: Promise<void> | undefined;
  private nextAt = 0;
  private stopped = false;

  /** @param task handles its own errors: a timer has no caller that could */
  constructor(
    private readonly periodMs: number,
    private readonly task: () => Promise<void>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Starts a run when one is due and none is under way; the returned promise is that run's. */
  tick(): Promise<void> {
    if (this.stopped || this.running || this.now() < this.nextAt) return Promise.resolve();
    this.nextAt = this.now() + this.periodMs;
    this.running = this.task().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /** No further run starts; resolves when the one under way is over. May be called twice. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }
}
