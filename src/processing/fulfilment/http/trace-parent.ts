import { createHash, randomBytes } from 'node:crypto';

/**
 * The `traceparent` of one call (W3C Trace Context), sampled. Calls with the same seed share a trace, each as a span
 * of its own.
 */
export function traceParent(seed: string): string {
  const traceId = createHash('sha256').update(seed).digest('hex').slice(0, 32);
  return `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
}
