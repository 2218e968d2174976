import { execFile } from 'node:child_process';
import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { urlOf } from './database';

const ROOT = join(__dirname, '../..');

/** What `nest build` reads. */
const SOURCES = [
  'src',
  'migrations',
  'ormconfig.ts',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

/** The compiled service, for tests that start it as a process of its own. */
export const ENTRY = join(ROOT, 'dist/src/main.js');

/** Key of the advisory lock under which one of jest's workers builds while the others wait. */
const BUILD_LOCK = 1;

/**
 * Builds `dist` unless it is as new as its sources. Any number of jest's workers may call it at once: they share
 * a cluster, and a lock there, unlike a lock file, ends with its holder.
 */
export async function ensureBuilt(): Promise<void> {
  const client = new Client({ connectionString: urlOf('postgres') });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [BUILD_LOCK]);
    if (!(await isFresh())) await build();
  } finally {
    await client.end();
  }
}

async function build(): Promise<void> {
  const started = new Date();
  const nest = join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js');
  try {
    await promisify(execFile)(process.execPath, [nest, 'build'], { cwd: ROOT });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`nest build failed:\n${stdout}${stderr}`, { cause: error });
  }
  // A source that was changed while the build ran may not be in it.
  await utimes(ENTRY, started, started);
}

async function isFresh(): Promise<boolean> {
  const built = await stat(ENTRY).catch(() => undefined);
  if (built === undefined) return false;
  const changes = await Promise.all(SOURCES.map((source) => lastChange(join(ROOT, source))));
  return Math.max(...changes) <= built.mtimeMs;
}

/** A folder's own time counts too: it changes when a file is deleted. */
async function lastChange(path: string): Promise<number> {
  const own = await stat(path);
  if (!own.isDirectory()) return path.endsWith('.spec.ts') ? 0 : own.mtimeMs;
  const names = await readdir(path);
  const below = await Promise.all(names.map((name) => lastChange(join(path, name))));
  return Math.max(own.mtimeMs, ...below);
}
