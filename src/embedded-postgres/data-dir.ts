import { mkdir, mkdtemp, readFile, readdir, realpath, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { EmbeddedPostgresError, errorCode, messageOf } from './error';
import { isRunning } from './process';

/** Longer than initdb may take. A running process with the same pid proves nothing: in containers, pids repeat. */
const INTERRUPTED_AFTER_MS = 10 * 60_000;

/**
 * Creates the data folder if necessary and checks that this process can write to it.
 *
 * @returns its real path
 * @throws EmbeddedPostgresError when it cannot, or when the folder holds only a cluster of another major version, since
 *   data is never converted to another version without being asked
 */
export async function prepareDataDir(dataDir: string, major: number): Promise<string> {
  const folder = resolve(dataDir);
  try {
    await mkdir(folder, { recursive: true });
    await rmdir(await mkdtemp(join(folder, '.writable-')));
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The data folder ${folder} is not writable (${messageOf(error)}). Make it writable for ` +
        `this user, or set DATA_DIR to another folder.`,
    );
  }
  const entries = await readdir(folder);
  const others = entries.filter((name) => /^pg\d+$/.test(name));
  if (others.length > 0 && !others.includes(`pg${major}`)) {
    throw new EmbeddedPostgresError(
      `The data folder ${folder} holds ${others.join(', ')}, a database that the embedded ` +
        `PostgreSQL ${major} cannot read. To keep the data, dump it with pg_dump and the version of ` +
        `the service that created it, and restore the dump here; to start with an empty database, ` +
        `move that folder away or set DATA_DIR to another one.`,
    );
  }
  return realpath(folder);
}

/**
 * Whether the folder is a cluster of the right version; false for a folder that is empty or does not exist.
 *
 * @throws EmbeddedPostgresError when it holds anything else
 */
export async function holdsCluster(clusterDir: string): Promise<boolean> {
  const entries = await readdir(clusterDir).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  if (entries.length === 0) return false;
  const wanted = /\d+$/.exec(basename(clusterDir))?.[0] ?? '';
  const found = await readFile(join(clusterDir, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (found?.trim() === wanted) return true;
  const what = found === undefined ? 'is not a database' : `is of PostgreSQL ${found.trim()}`;
  throw new EmbeddedPostgresError(
    `The folder ${clusterDir} ${what}. Move it away to start with an empty PostgreSQL ${wanted} ` +
      `database, or set DATA_DIR to another folder.`,
  );
}

/** Removes the partial clusters (`pg18.creating-<pid>-...`) of starts that were killed. */
export async function removeInterrupted(clusterDir: string): Promise<void> {
  const prefix = `${basename(clusterDir)}.creating-`;
  for (const name of await readdir(dirname(clusterDir))) {
    if (!name.startsWith(prefix)) continue;
    const path = join(dirname(clusterDir), name);
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (isRunning(pid) && (await ageOf(path)) < INTERRUPTED_AFTER_MS) continue;
    // An initdb whose parent was killed may still write files: the next start removes them.
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function ageOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found ? Date.now() - found.mtimeMs : 0;
}
