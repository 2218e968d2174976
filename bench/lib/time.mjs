import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/** Milliseconds since 1970, with fractions, from the clock that PostgreSQL on this machine uses too. */
export function wallClockMs() {
  return performance.timeOrigin + performance.now();
}

/** @throws Error with `describe()` if the promise takes longer than `limitMs` */
export async function within(promise, limitMs, describe) {
  const timeout = new AbortController();
  const expired = sleep(limitMs, undefined, { signal: timeout.signal }).then(() => {
    throw new Error(`${describe()} (waited ${limitMs} ms)`);
  });
  expired.catch(() => undefined);
  try {
    return await Promise.race([promise, expired]);
  } finally {
    timeout.abort();
  }
}

/** Polls every `everyMs` until the result is not undefined. */
export async function until(ask, { limitMs, everyMs = 50, what }) {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`Not within ${limitMs} ms: ${what}`);
    await sleep(everyMs);
  }
}
