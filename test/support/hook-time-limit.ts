/**
 * Bounds every hook that gives no limit of its own. Hooks start and stop what tests need, and a hook that is cut short
 * leaves it behind: so they don't share the limit of the tests, which `--testTimeout` may make short.
 */
const HOOK_LIMIT_MS = 180_000;

type Hook = typeof afterEach;

const NAMES = ['beforeAll', 'beforeEach', 'afterEach', 'afterAll'] as const;

for (const name of NAMES) {
  const hook: Hook = globalThis[name];
  globalThis[name] = ((work, limitMs = HOOK_LIMIT_MS) => {
    hook(work, limitMs);
  }) as Hook;
}
