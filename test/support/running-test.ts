import type { AsyncLocalStorage } from 'node:async_hooks';

/** Where the environment puts what follows: the environment and the tests are loaded apart, in one process. */
export const RUNNING_TESTS = Symbol.for('order-service.running-tests');

interface RunningTests {
  /** The last one that has begun. */
  readonly current: RunningTest;
  /** The one whose function the caller belongs to. */
  readonly bodies: AsyncLocalStorage<RunningTest>;
}

/** Bounds all cleanups of a test together; stopping a server in good order takes seconds on a busy machine. */
const CLEANUP_LIMIT_MS = 60_000;

/** So much earlier than jest's own time limit does `until` give up, to report what it waited for. */
const REPORT_MS = 2_000;

type Cleanup = () => unknown;

/** A test from its first `beforeEach` on: whether it is over, until when it may run, and what is to be stopped then. */
export class RunningTest {
  private over = false;
  private endsAt = Infinity;
  private cleanups: Cleanup[] = [];

  /** The test's function begins, and jest gives it so long. */
  begin(limitMs: number): void {
    this.endsAt = performance.now() + limitMs - Math.min(REPORT_MS, limitMs / 10);
  }

  /** The test's function has ended or has run out of time. Returns what went wrong in the cleanups. */
  async end(): Promise<unknown[]> {
    this.over = true;
    const errors: unknown[] = [];
    const all = runLastFirst(this.cleanups.splice(0), errors);
    if (!(await endsWithin(all, CLEANUP_LIMIT_MS)))
      errors.push(new Error(`Cleanup after the test took more than ${CLEANUP_LIMIT_MS} ms`));
    return errors;
  }

  get isOver(): boolean {
    return this.over;
  }

  /** Milliseconds until `until` must give up. */
  get timeLeftMs(): number {
    return this.endsAt - performance.now();
  }

  cleanUp(cleanup: Cleanup): void {
    this.cleanups.push(cleanup);
  }
}

async function runLastFirst(cleanups: Cleanup[], errors: unknown[]): Promise<void> {
  for (const cleanup of cleanups.reverse()) {
    try {
      await cleanup();
    } catch (error) {
      errors.push(error);
    }
  }
}

async function endsWithin(work: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, limitMs, false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

function runningTests(): RunningTests | undefined {
  return Reflect.get(globalThis, RUNNING_TESTS) as RunningTests | undefined;
}

/** The test whose function calls, though it may have run out of time and others may run; undefined in hooks. */
export function callingTest(): RunningTest | undefined {
  return runningTests()?.bodies.getStore();
}

/**
 * For helpers that register what they start for an `afterEach` hook.
 *
 * @throws when the calling test is over: one that has run out of time goes on in the background, where it must start
 *   nothing more
 */
export function refuseAfterTest(): void {
  if (callingTest()?.isOver) throw new Error('The test is over');
}

/**
 * Runs as soon as the test's function has ended, failed or run out of time: before any `afterEach`, last first. For
 * whatever a test starts by itself; a line at its end would run on success only.
 *
 * @throws when the test is over already, after having run the cleanup
 */
export function onTestEnd(cleanup: Cleanup): void {
  const test = callingTest() ?? runningTests()?.current;
  if (!test) throw new Error('onTestEnd is for tests and their beforeEach hooks');
  if (!test.isOver) {
    test.cleanUp(cleanup);
    return;
  }
  void later(Promise.resolve().then(cleanup));
  throw new Error('The test is over');
}

/** Marks a promise that is awaited later as handled, since a test that fails meanwhile never comes to await it. */
export function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
