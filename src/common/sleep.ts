import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits, or stops waiting when the signal is aborted.
 *
 * @throws the signal's reason when it is aborted before the time is over
 */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
