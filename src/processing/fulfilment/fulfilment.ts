import type { Claim } from '../claims/claim';

/**
 * The work on an order. Its effects happen at least once: an attempt may be repeated although it took effect, when its
 * answer was lost. The receiver of the work recognises a repetition by the order's id.
 */
export abstract class Fulfilment {
  /**
   * Resolves once the order is fulfilled.
   *
   * @param signal ends the work at once; what is thrown then does not count
   * @throws FulfilmentRefused, FulfilmentFailed, FulfilmentPaused; any other error counts as a FulfilmentFailed without
   *   a time for the retry
   */
  abstract fulfil(claim: Claim, signal: AbortSignal): Promise<void>;
}

/** The order itself is not acceptable: a retry would not help, so it has FAILED. The message says why. */
export class FulfilmentRefused extends Error {
  override readonly name = 'FulfilmentRefused';
}

/** This attempt failed, the next one may succeed: it costs an attempt and is retried with backoff. */
export class FulfilmentFailed extends Error {
  override readonly name = 'FulfilmentFailed';
  /** No retry before this many milliseconds, if given: the later of this and the backoff counts. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}

/**
 * No attempt was made, since the circuit is open: the order is PENDING again, due after `pauseMs`, and it costs no
 * attempt.
 */
export class FulfilmentPaused extends Error {
  override readonly name = 'FulfilmentPaused';

  constructor(readonly pauseMs: number) {
    super(`fulfilment circuit open, next try in ${pauseMs} ms`);
  }
}
