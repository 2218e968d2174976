import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { callingTest } from './running-test';

/** On an idle machine. Generous: it only bounds how long a failure takes. */
const DEADLINE_MS = 30_000;

const POLL_MS = 10;

/** By so much a busy machine may extend a deadline. */
const MAX_EXTENSION = 4;

/**
 * Resolves once `state` holds; rejects, naming it by `what`, when it does not within the deadline. The deadline is
 * longer on a busy machine, and ends before the time limit of the test; also when the test is over.
 */
export async function until(
  what: string,
  state: () => boolean | Promise<boolean>,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  const test = callingTest();
  const started = performance.now();
  while (!(await state())) {
    if (test?.isOver) throw new Error(`The test ended while it waited for: ${what}`);
    const waitedMs = performance.now() - started;
    if (waitedMs > deadlineMs * extension() || (test?.timeLeftMs ?? Infinity) < 0)
      throw new Error(`After ${Math.round(waitedMs)} ms still not: ${what}`);
    await sleep(POLL_MS);
  }
}

/** Processes that want to run, for each core: so much longer everything takes. */
function extension(): number {
  const [lastMinute = 0] = loadavg();
  return Math.min(MAX_EXTENSION, Math.max(1, lastMinute / availableParallelism()));
}
