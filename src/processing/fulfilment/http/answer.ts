import { FulfilmentFailed, FulfilmentRefused } from '../fulfilment';
import { excerpt } from './excerpt';
import { parseRetryAfter } from './retry-after';

/** Characters of an answer that an error quotes. */
const MAX_QUOTE_LENGTH = 300;

/** Below 500, the statuses that ask for a later retry: request timeout, too early, too many requests. */
const RETRYABLE: readonly number[] = [408, 425, 429];

/** What an endpoint answered. */
export interface Answer {
  readonly status: number;
  /** The Retry-After header. */
  readonly retryAfter: string | undefined;
  /** The beginning of the body. */
  readonly text: string;
}

/**
 * Decides what an answer means for the order.
 *
 * @throws FulfilmentFailed for 408, 425, 429 and 5xx; FulfilmentRefused for every other status but 2xx
 */
export function judge({ status, retryAfter, text }: Answer): void {
  if (status >= 200 && status <= 299) return;
  const quote = excerpt(text, MAX_QUOTE_LENGTH);
  const message = quote === '' ? `answered ${status}` : `answered ${status}: ${quote}`;
  if (status < 500 && !RETRYABLE.includes(status)) throw new FulfilmentRefused(message);
  const retryAfterMs = parseRetryAfter(retryAfter, Date.now());
  throw new FulfilmentFailed(message, retryAfterMs === undefined ? {} : { retryAfterMs });
}
