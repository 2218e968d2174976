import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH, ROOT, inBench } from './paths.mjs';

/** Installs the rivals and builds the service and the rivals' applications if they are missing or outdated. */
export function prepare() {
  const installed = join(BENCH, 'node_modules', '.package-lock.json');
  if (isOlder(installed, [join(BENCH, 'package-lock.json')])) npm('ci', BENCH);
  npm('run build', ROOT);
  if (isOlder(inBench('dist/nest-stock.js'), [inBench('apps')])) {
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', BENCH]);
  }
}

/** Runs npm and prints its errors only. */
export function npm(command, cwd) {
  console.log(`npm ${command} (in ${cwd})`);
  // In a shell, because npm is a .cmd file on Windows.
  execFileSync(`npm ${command}`, { cwd, stdio: ['ignore', 'ignore', 'inherit'], shell: true });
}

function isOlder(made, sources) {
  if (!existsSync(made)) return true;
  const madeAt = statSync(made).mtimeMs;
  return sources.some((source) => newestIn(source) > madeAt);
}

function newestIn(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}
