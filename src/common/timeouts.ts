import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for work, but not past the abort of a signal. The work goes on unobserved then: this is for work that may be
 * slow to heed the signal itself.
 *
 * @throws what the work throws; the signal's reason when the signal is aborted first
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Waits for work, but no longer than `ms` milliseconds; the work goes on then. @throws what the work throws */
export async function within(work: Promise<unknown>, ms: number): Promise<void> {
  const timer = new AbortController();
  const timeout = sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    await Promise.race([work, timeout]);
  } finally {
    timer.abort();
  }
}

/** Waits for `ms` milliseconds, or until the signal is aborted. @returns whether the whole time has passed */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return sleep(ms, true, { signal }).catch(() => false);
}
