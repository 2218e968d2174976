/**
 * `describe`, or a skip whose title says what is missing and what to do; the reporter of the run repeats it at the
 * end. Where the environment sets the flag, e.g. `REQUIRE_DOCKER=1` in CI, what is missing is a failure instead.
 */
export function describeUnless(missing: string | undefined, flag: string): jest.Describe {
  if (missing === undefined) return describe;
  if (process.env[flag] === '1') throw new Error(`${flag} is set, but ${missing}`);
  return withReason(describe.skip, missing);
}

/** `it`, or a skip whose title says why. */
export function itIf(condition: boolean, reason: string): jest.It {
  return condition ? it : withReason(it.skip, reason);
}

/** The reporter finds the reason in the title, between the markers. */
function withReason<T extends jest.Describe | jest.It>(skip: T, reason: string): T {
  const named = (name: string, ...rest: unknown[]): void => {
    (skip as (...args: unknown[]) => void)(`${name} (skipped: ${reason})`, ...rest);
  };
  return Object.assign(named, skip);
}
