/** Orders that become due shortly after one another are read together, at most twenty times a second. */
const MIN_WAKE_MS = 50;

/** Calls back at the earliest of the times that were asked for, once; then it waits for the next request. */
export class WakeTimer {
  private timer: NodeJS.Timeout | undefined;
  private wakeAt = Infinity;
  private stopped = false;

  /**
   * @param wake handles its own errors: nothing above a timer could
   * @param horizonMs requests for this time or later are ignored, because something else acts by then
   */
  constructor(
    private readonly wake: () => void,
    private readonly horizonMs: number,
  ) {}

  /** Asks for a call in `ms`, at the earliest in {@link MIN_WAKE_MS}. Ignored when an earlier one is scheduled. */
  wakeIn(ms: number): void {
    const delayMs = Math.max(ms, MIN_WAKE_MS);
    const at = performance.now() + delayMs;
    if (this.stopped || at >= this.wakeAt || ms >= this.horizonMs) return;
    clearTimeout(this.timer);
    this.wakeAt = at;
    this.timer = setTimeout(() => {
      this.wakeAt = Infinity;
      this.wake();
    }, delayMs);
  }

  /** Cancels the scheduled call and ignores further requests. May be called twice. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}
