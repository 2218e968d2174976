// node test/support/short-time-limits.mjs [--limits=1,500,4000] [spec file ...]
//
// Cuts the tests of each file short by a tiny time limit, and proves that jest ends nevertheless and leaves neither a
// process nor a temporary folder behind. Without files: all under test/. Exit code 1 when one does not.
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = resolve(import.meta.dirname, '../..');
const JEST = join(ROOT, 'node_modules/jest/bin/jest.js');

/** Milliseconds: before anything has started, while things start, and amid the work. */
const DEFAULT_LIMITS = [1, 500, 4_000];

/** Hooks may stop many servers in good order, for each test of a file. */
const END_LIMIT_MS = 300_000;

/** The guard of PostgreSQL notices the end of its application within a second. */
const GONE_LIMIT_MS = 10_000;

const args = process.argv.slice(2);
const limits = args.find((arg) => arg.startsWith('--limits='))?.slice('--limits='.length);
const files = args.filter((arg) => !arg.startsWith('--'));

let failures = 0;
for (const file of files.length > 0 ? files : await specFiles()) {
  for (const limit of limits?.split(',') ?? DEFAULT_LIMITS) {
    const { seconds, code, faults } = await cutShort(file, limit);
    const outcome =
      faults.length === 0 ? `jest ended with ${code}, nothing left` : faults.join('; ');
    console.log(`${file} at ${limit} ms: ${outcome} (${seconds.toFixed(1)} s)`);
    failures += faults.length;
  }
}
process.exitCode = failures === 0 ? 0 : 1;

async function specFiles() {
  const names = await readdir(join(ROOT, 'test'), { recursive: true });
  return names
    .filter((name) => name.endsWith('.spec.ts'))
    .map((name) => join('test', name))
    .sort();
}

async function cutShort(file, limit) {
  // Every process of a run has this folder in its command line or its environment.
  const folder = await mkdtemp(join(tmpdir(), 'order-service-cut-short-'));
  await chmod(folder, 0o755);
  const started = performance.now();
  const { code, output } = await runJest(file, limit, folder);
  const seconds = (performance.now() - started) / 1_000;
  const faults = [];
  if (code === null) faults.push('jest did not end');
  if (output.includes('has not ended')) faults.push(lineOf(output, 'has not ended'));
  if (output.includes('did not exit')) faults.push('jest waited for something after the last test');
  const left = await leftProcesses(folder);
  for (const { pid, command } of left) {
    faults.push(`process ${pid} is left: ${command}`);
    process.kill(pid, 'SIGKILL');
  }
  const folders = (await readdir(folder)).filter((name) => name.startsWith('order-service-'));
  if (folders.length > 0) faults.push(`folders are left: ${folders.join(', ')}`);
  await rm(folder, { recursive: true, force: true });
  return { seconds, code, faults };
}

async function runJest(file, limit, folder) {
  const args = [JEST, file, '-i', `--testTimeout=${limit}`, '--ci'];
  const { TEST_POSTGRES_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...env, TMPDIR: folder } });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (output += chunk));
  const kill = () => child.kill('SIGKILL');
  const timer = setTimeout(kill, END_LIMIT_MS);
  // What it leaves is then found and ended as at any other time.
  process.once('SIGTERM', kill);
  const code = await new Promise((ended) => child.once('close', ended));
  process.off('SIGTERM', kill);
  clearTimeout(timer);
  return { code, output };
}

async function leftProcesses(folder) {
  const deadline = performance.now() + GONE_LIMIT_MS;
  for (;;) {
    const left = await processesOf(folder);
    if (left.length === 0 || performance.now() > deadline) return left;
    await sleep(100);
  }
}

async function processesOf(folder) {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [command, environment] = await Promise.all(
        ['cmdline', 'environ'].map((name) =>
          readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => ''),
        ),
      );
      const isOfRun = [command, environment].some((text) => text.includes(folder));
      return isOfRun ? [{ pid: Number(pid), command: command.replaceAll('\0', ' ') }] : [];
    }),
  );
  return found.flat();
}

function lineOf(output, text) {
  return output.split('\n').find((line) => line.includes(text)) ?? text;
}
