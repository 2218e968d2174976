/** A longer time is cut to this: one wrong header must not delay an order for weeks. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

const SECONDS = /^\d+$/;
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/**
 * What a Retry-After header asks for (RFC 9110, 10.2.3): whole seconds, or one of the three forms of an HTTP date.
 *
 * @param now milliseconds since the epoch
 * @returns milliseconds from 0 to {@link MAX_RETRY_AFTER_MS}; undefined when there is no header that makes sense
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (SECONDS.test(text)) return bounded(Number(text) * 1000);
  // Date.parse takes nearly anything for a date, even `-5`.
  if (!HTTP_DATE.test(text)) return undefined;
  // The asctime form names no zone, and Date.parse would take it for local time.
  const at = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(at) ? undefined : bounded(at - now);
}

function bounded(ms: number): number {
  return Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}
