import { Integer, Milliseconds } from './settings.decorators';

/** When a failed attempt is retried, and when the order becomes FAILED. */
export class RetrySettings {
  /** Attempts after which an order becomes FAILED. */
  @Integer(1, 100)
  readonly maxAttempts: number = 5;

  /** The longest delay of the first retry; it doubles with each further one. */
  @Milliseconds(0)
  readonly retryBaseMs: number = 2_000;

  /** The longest delay of any retry. */
  @Milliseconds(0)
  readonly retryMaxMs: number = 300_000;
}
