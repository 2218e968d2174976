import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestEnd } from '../support/running-test';

const ROOT = join(__dirname, '../..');
const SUPPORT = join(ROOT, 'test/support');

/** Runs a script of Node at the project's root, and gives all that it says. */
async function run(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  onTestEnd(async () => {
    child.kill();
    await closed;
  });
  const said = await Promise.all([text(child.stdout), text(child.stderr)]);
  return said.join('');
}

describe('a test run', () => {
  it('ends though its tests run out of time amid their work, and leaves nothing behind', async () => {
    const file = 'test/processing/shutdown.spec.ts';
    const said = await run(join(SUPPORT, 'short-time-limits.mjs'), '--limits=100', file);
    expect(said).toContain(`${file} at 100 ms: jest ended with 1, nothing left`);
  });

  it('fails at a process warning and at a skip without a reason, and says what was skipped', async () => {
    const fixture = join(SUPPORT, 'fixtures/faulty-run.fixture.ts');
    const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
    const said = await run(jest, '--testMatch', fixture, '-i', '--ci', '--testTimeout=500');
    expect(said).toContain('Process warning: ExampleWarning: something is used up');
    expect(said).toMatch(/After \d+ ms still not: a state that is never reached/);
    expect(said).toContain('3 tests were skipped:');
    expect(said).toMatch(/faulty-run.fixture.ts \(2\): There is no flux capacitor: install one\./);
    expect(said).toMatch(/faulty-run.fixture.ts \(1\): It takes a full moon\./);
    expect(said).toMatch(/without a reason[^]*is skipped without a reason/);
  });
});
