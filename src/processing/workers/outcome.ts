import { backoffMs } from '../../common/backoff';
import type { RetrySettings } from '../../config/retry.settings';
import type { Claim, Outcome } from '../claims/claim';
import { FulfilmentFailed, FulfilmentPaused, FulfilmentRefused } from '../fulfilment/fulfilment';
import type { Interruption } from './interruption';

/** Characters of `last_error`: enough to recognise an error by, few enough to keep rows small. */
const MAX_ERROR_LENGTH = 500;

/** How a claim ends whose attempt has thrown `error`. */
export function outcomeOfFailure(claim: Claim, error: unknown, retry: RetrySettings): Outcome {
  if (error instanceof FulfilmentPaused) {
    return { status: 'PENDING', delayMs: error.pauseMs, released: true };
  }
  const message = describe(error);
  const counted = claim.attempt - claim.freeAttempts;
  if (error instanceof FulfilmentRefused || counted >= retry.maxAttempts) {
    return { status: 'FAILED', error: message };
  }
  const backoff = backoffMs(counted, retry.retryBaseMs, retry.retryMaxMs);
  const retryAfter = error instanceof FulfilmentFailed ? (error.retryAfterMs ?? 0) : 0;
  return { status: 'PENDING', delayMs: Math.max(backoff, retryAfter), error: message };
}

/** Whether the order was released because fulfilment pauses, so that the next order would be released as well. */
export function isPaused(outcome: Outcome | undefined): outcome is Outcome & { delayMs: number } {
  return outcome !== undefined && 'released' in outcome && outcome.delayMs > 0;
}

/** How a claim ends whose attempt was aborted; undefined when it is lost, so that there is nothing to settle. */
export function outcomeOfInterruption({ why }: Interruption): Outcome | undefined {
  switch (why) {
    case 'lost':
      return undefined;
    case 'cancelled':
      return { status: 'CANCELLED' };
    case 'shutdown':
      return { status: 'PENDING', delayMs: 0, released: true };
  }
}

/** A text of whatever was thrown, also where it cannot be converted. PostgreSQL's text knows no null character. */
function describe(error: unknown): string {
  try {
    const message = String(error instanceof Error ? error.message : error);
    return message.replaceAll('\0', '').slice(0, MAX_ERROR_LENGTH);
  } catch {
    return 'an error without a message';
  }
}
