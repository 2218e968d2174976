import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ENTRY, ensureBuilt } from '../support/build';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';

const ROOT = join(__dirname, '../..');
const TEST_TIMEOUT_MS = 120_000;

/** Packages that a start must not load, because they are large and many starts do without them. */
const LAZY_PACKAGES = ['libphonenumber-js'];

/** A deployed copy of the service, started from another folder. */
describe('the built service', () => {
  let root: string;
  let project: string;
  let caller: string;

  beforeAll(() => ensureBuilt(), TEST_TIMEOUT_MS);

  beforeEach(async () => {
    root = await realpath(await temporaryFolder());
    project = join(root, 'project');
    caller = join(root, 'caller');
    await mkdir(caller);
    await mkdir(project);
    for (const name of ['dist', 'scripts', 'seed', 'package.json']) {
      await cp(join(ROOT, name), join(project, name), { recursive: true });
    }
    await symlink(join(ROOT, 'node_modules'), join(project, 'node_modules'), 'junction');
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  /** Starts the service in the caller's folder and stops it; resolves to its data folder. */
  async function dataDirOf(command: string, args: string[], settings = {}): Promise<string> {
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, PORT: '0', ...settings };
    const child = spawn(command, args, { cwd: caller, env, detached: true });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    try {
      await until('the service is ready', () => {
        if (child.exitCode !== null) throw new Error(`It has ended:\n${output}`);
        return /"event":"ready".*\n/.test(output);
      });
    } finally {
      await stopGroup(child);
    }
    const line = /^\{"event":"ready".*$/m.exec(output)?.[0] ?? '{}';
    return (JSON.parse(line) as { database: { dataDir: string } }).database.dataDir;
  }

  it.each<[string, string, () => string[]]>([
    ['node', process.execPath, () => [join(project, 'dist/src/main.js')]],
    ['npm --prefix', 'npm', () => ['--prefix', project, 'start']],
  ])(
    'keeps its data in the project when %s starts it from another folder',
    async (_, command, args) => {
      expect(await dataDirOf(command, args())).toBe(join(project, '.data'));
      const settings = { DATA_DIR: 'data' };
      expect(await dataDirOf(command, args(), settings)).toBe(join(caller, 'data'));
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'does not load what it does not need',
    async () => {
      const loadedFile = join(root, 'loaded.json');
      const hook = join(ROOT, 'test/support/report-loaded-modules.js');
      const args = ['-r', hook, join(project, 'dist/src/main.js')];
      await dataDirOf(process.execPath, args, { LOADED_FILE: loadedFile });
      const loaded = JSON.parse(await readFile(loadedFile, 'utf8')) as string[];
      const packages = LAZY_PACKAGES.map((name) => `/node_modules/${name}/`);
      expect(loaded.length).toBeGreaterThan(500);
      expect(
        loaded.filter((file) => packages.some((name) => file.replaceAll('\\', '/').includes(name))),
      ).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it('loads libphonenumber-js when a phone number is validated', async () => {
    const script = `
      require(${JSON.stringify(join(dirname(ENTRY), 'bootstrap/lazy-phone-numbers.js'))});
      const { isPhoneNumber } = require('class-validator');
      console.log(isPhoneNumber('+41 44 668 18 00'), isPhoneNumber('+41 1'), isPhoneNumber('044 668 18 00', 'CH'));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: ROOT });
    expect(stdout).toBe('true false true\n');
  });
});

/** A signal to the process group, which reaches the service also when npm and a shell have started it. */
async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const closed = once(child, 'close');
  process.kill(-child.pid, 'SIGTERM');
  await closed;
}
