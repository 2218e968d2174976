import { setTimeout as sleep } from 'node:timers/promises';

/** Generous: machines that run tests are slow and busy. It only bounds how long a failure takes. */
const DEADLINE_MS = 30_000;

const POLL_MS = 10;

/** Resolves once `state` holds; rejects, naming it by `what`, when it does not within the deadline. */
export async function until(
  what: string,
  state: () => boolean | Promise<boolean>,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  const started = performance.now();
  while (!(await state())) {
    if (performance.now() - started > deadlineMs) {
      throw new Error(`After ${deadlineMs} ms still not: ${what}`);
    }
    await sleep(POLL_MS);
  }
}
