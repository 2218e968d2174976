import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { urlOf } from './database';

const ROOT = join(__dirname, '../..');

/** What `npm run build` runs: it does nothing when the build is up to date. */
const BUILD = join(ROOT, 'scripts/build.mjs');

/** The compiled service, for tests that start it as a process of its own. */
export const ENTRY = join(ROOT, 'dist/src/main.js');

/** Key of the advisory lock under which one of jest's workers builds while the others wait. */
const BUILD_LOCK = 1;

/**
 * Brings `dist` up to date. Any number of jest's workers may call it at once: they share a PostgreSQL, and a lock
 * there, unlike a lock file, ends with its holder.
 *
 * @throws Error with the compiler's messages
 */
export async function ensureBuilt(): Promise<void> {
  const client = new Client({ connectionString: urlOf('postgres') });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [BUILD_LOCK]);
    await build();
  } finally {
    await client.end();
  }
}

async function build(): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [BUILD]);
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`The build failed:\n${stdout}${stderr}`, { cause: error });
  }
}
