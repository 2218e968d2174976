/** Where the environment puts the running test: the environment and the tests are loaded apart, in one process. */
export const RUNNING_TEST = Symbol.for('order-service.running-test');

/** Bounds all cleanups of a test together; stopping a server in good order takes seconds on a busy machine. */
const CLEANUP_LIMIT_MS = 60_000;

/** So much earlier than jest's own time limit does `until` give up, to report what it waited for. */
const REPORT_MS = 2_000;

type Cleanup = () => unknown;

/** A test from its first `beforeEach` on: whether its function runs, until when, and what is to be stopped after it. */
export class RunningTest {
  private phase: 'before' | 'running' | 'over' = 'before';
  private endsAt = Infinity;
  private cleanups: Cleanup[] = [];

  /** The test's function begins, and jest gives it so long. */
  begin(limitMs: number): void {
    this.phase = 'running';
    this.endsAt = performance.now() + limitMs - Math.min(REPORT_MS, limitMs / 10);
  }

  /** The test's function has ended or has run out of time. Returns what went wrong in the cleanups. */
  async end(): Promise<unknown[]> {
    this.phase = 'over';
    const errors: unknown[] = [];
    const all = runLastFirst(this.cleanups.splice(0), errors);
    if (!(await endsWithin(all, CLEANUP_LIMIT_MS)))
      errors.push(new Error(`Cleanup after the test took more than ${CLEANUP_LIMIT_MS} ms`));
    return errors;
  }

  get isRunning(): boolean {
    return this.phase === 'running';
  }

  get isOver(): boolean {
    return this.phase === 'over';
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

/** The test that runs, from its first `beforeEach` on; undefined before the first one of a file. */
export function runningTest(): RunningTest | undefined {
  return Reflect.get(globalThis, RUNNING_TEST) as RunningTest | undefined;
}

/**
 * Runs as soon as the test's function has ended, failed or run out of time: before any `afterEach`, last first. For
 * whatever a test starts by itself; a line at its end would run on success only.
 *
 * @throws when the test is over already, after having run the cleanup: what is started then would be left behind
 */
export function onTestEnd(cleanup: Cleanup): void {
  const test = runningTest();
  if (!test) throw new Error('onTestEnd is for tests and their beforeEach hooks');
  if (test.isOver) later(Promise.resolve().then(cleanup));
  refuseAfterTest();
  test.cleanUp(cleanup);
}

/**
 * For helpers that register what they start for an `afterEach` hook.
 *
 * @throws when the test is over: one that has run out of time goes on in the background, and must start nothing more
 */
export function refuseAfterTest(): void {
  if (runningTest()?.isOver) throw new Error('The test is over');
}

/** Marks a promise that is awaited later as handled, since a test that fails meanwhile never comes to await it. */
export function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
