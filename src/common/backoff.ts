/** Beyond any `maxMs`, and below infinity, which a base of 0 would turn into NaN. */
const MAX_DOUBLINGS = 52;

/**
 * Exponential backoff with full jitter: a uniformly random delay from 0 to `min(maxMs, baseMs * 2^(n-1))`,
 * which spreads callers that failed at the same time best.
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * @param failures how many times it has failed, from 1
 * @param random uniform in [0, 1)
 * @returns whole milliseconds
 */
export function backoffMs(
  failures: number,
  baseMs: number,
  maxMs: number,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, MAX_DOUBLINGS));
  return Math.round(random() * ceiling);
}
