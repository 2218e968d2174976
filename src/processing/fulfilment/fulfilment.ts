import type { Claim } from '../claims/claim';

/**
 * The work on an order. Effects happen at least once: an attempt may be repeated after its answer was lost, so
 * whoever does the work recognises an order by its id.
 */
export abstract class Fulfilment {
  /**
   * Resolves once the order is fulfilled.
   *
   * @param signal ends the work at once; its reason is thrown
   * @throws FulfilmentRefused, FulfilmentFailed, FulfilmentPaused; any other error counts as a
   *   FulfilmentFailed without a wish when to be asked again
   */
  abstract fulfil(claim: Claim, signal: AbortSignal): Promise<void>;
}

/** The order itself is not acceptable: asking again would not help, so it has FAILED. The message says why. */
export class FulfilmentRefused extends Error {
  override readonly name = 'FulfilmentRefused';
}

/** This attempt failed, the next one may not: it costs an attempt and is retried with backoff. */
export class FulfilmentFailed extends Error {
  override readonly name = 'FulfilmentFailed';
  /** No retry before so many milliseconds, if given: the later of this and the backoff counts. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}

/**
 * Nobody was asked, since all recent attempts failed: the order goes back to PENDING, due again after `pauseMs`,
 * and it costs no attempt.
 */
export class FulfilmentPaused extends Error {
  override readonly name = 'FulfilmentPaused';

  constructor(readonly pauseMs: number) {
    super(`fulfilment pauses, it is tried again in ${pauseMs} ms`);
  }
}
