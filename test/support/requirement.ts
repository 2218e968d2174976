/**
 * `describe`, or a skip that says aloud what is missing and what to do. Where the environment sets the flag, e.g.
 * `REQUIRE_DOCKER=1` in CI, what is missing is a failure instead.
 */
export function describeUnless(missing: string | undefined, flag: string): jest.Describe {
  if (missing === undefined) return describe;
  if (process.env[flag] === '1') throw new Error(`${flag} is set, but ${missing}`);
  const line = '='.repeat(100);
  process.stderr.write(
    `\n${line}\nSKIPPED ${expect.getState().testPath ?? ''}\n${missing}\n${line}\n`,
  );
  return describe.skip;
}
