import { AsyncLocalStorage } from 'node:async_hooks';
import { TestEnvironment as NodeEnvironment } from 'jest-environment-node';
import { RUNNING_TESTS, RunningTest } from './running-test';

/** What jest's runner reports; of its events only the parts that are read here. */
interface TestEvent {
  readonly name: string;
  readonly test?: CircusTest;
}

interface CircusTest {
  fn: (...args: unknown[]) => unknown;
  readonly timeout?: number;
  readonly errors: unknown[];
}

interface RunnerState {
  readonly testTimeout: number;
  readonly unhandledErrors: unknown[];
}

const bodies = new AsyncLocalStorage<RunningTest>();

/** Process warnings since the last test file of this process ended. */
const warnings: Error[] = [];

process.on('warning', (warning) => warnings.push(warning));

/**
 * Node's environment, which also tells tests when they are over (`running-test.ts`), and fails a test file that
 * causes a process warning: a green run prints none.
 */
export default class Environment extends NodeEnvironment {
  private running = new RunningTest();

  async handleTestEvent({ name, test }: TestEvent, state: RunnerState): Promise<void> {
    switch (name) {
      case 'test_start':
        this.running = new RunningTest();
        Reflect.set(this.global, RUNNING_TESTS, { current: this.running, bodies });
        if (test) this.follow(test);
        break;
      case 'test_fn_start':
        this.running.begin(test?.timeout ?? state.testTimeout);
        break;
      case 'test_fn_success':
      case 'test_fn_failure':
      case 'test_done':
        test?.errors.push(...(await this.running.end()));
        break;
      case 'run_finish':
        state.unhandledErrors.push(...(await takeWarnings()));
        break;
    }
  }

  /** Whatever the test's function calls knows which test it belongs to, also when that has run out of time. */
  private follow(test: CircusTest): void {
    const { running } = this;
    const { fn } = test;
    test.fn = function (this: unknown, ...args: unknown[]) {
      return bodies.run(running, () => fn.apply(this, args));
    };
  }
}

/** Node delivers a warning in the tick after its cause. */
async function takeWarnings(): Promise<Error[]> {
  await new Promise((resolve) => setImmediate(resolve));
  return warnings
    .splice(0)
    .map(
      ({ name, message, stack }) =>
        new Error(`Process warning: ${name}: ${message}\n${stack ?? ''}`),
    );
}
