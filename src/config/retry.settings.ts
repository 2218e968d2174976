import { Milliseconds, Whole } from './settings.decorators';

/** When a failed attempt is retried, and when the order is FAILED. */
export class RetrySettings {
  /** Attempts before an order is FAILED. */
  @Whole(1, 100)
  readonly maxAttempts: number = 5;

  /** The first retry's longest delay; each further one doubles it. */
  @Milliseconds(0)
  readonly retryBaseMs: number = 2_000;

  /** No retry waits longer than this. */
  @Milliseconds(0)
  readonly retryMaxMs: number = 300_000;
}
