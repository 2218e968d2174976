import { mkdir, mkdtemp, readFile, readdir, realpath, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { EmbeddedPostgresError, errorCode, messageOf } from './error';
import { isRunning } from './process';

/** No initdb takes this long: see its limit. In containers every Node may have the same pid. */
const INTERRUPTED_AFTER_MS = 10 * 60_000;

/**
 * Creates the data folder if need be and checks that this process can write in it.
 *
 * @returns its real path
 * @throws EmbeddedPostgresError when it cannot, or when the folder holds only the cluster of
 *   another major version: moving data between majors is nothing to do unasked
 */
export async function prepareDataDir(dataDir: string, major: number): Promise<string> {
  const folder = resolve(dataDir);
  try {
    await mkdir(folder, { recursive: true });
    await rmdir(await mkdtemp(join(folder, '.writable-')));
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The data folder ${folder} cannot be written (${messageOf(error)}). Make it writable for ` +
        `this user, or set DATA_DIR to a folder that is.`,
    );
  }
  const entries = await readdir(folder);
  const others = entries.filter((name) => /^pg\d+$/.test(name));
  if (others.length > 0 && !others.includes(`pg${major}`)) {
    throw new EmbeddedPostgresError(
      `The data folder ${folder} holds ${others.join(', ')}, a database of another major version ` +
        `than the embedded PostgreSQL ${major}, which cannot read it. To keep the data, go back ` +
        `to the version that made it, pg_dump it and restore it here; to start with an empty ` +
        `database, move that folder away or set DATA_DIR to another one.`,
    );
  }
  return realpath(folder);
}

/**
 * Whether there is a cluster; an empty folder is none.
 *
 * @throws EmbeddedPostgresError when there is something else in its place
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
  const what = found === undefined ? 'is no database' : `is one of PostgreSQL ${found.trim()}`;
  throw new EmbeddedPostgresError(
    `The folder ${clusterDir} ${what}. Move it away to start with an empty PostgreSQL ${wanted} ` +
      `database, or set DATA_DIR to another folder.`,
  );
}

/** Removes the half-made clusters (`pg18.creating-<pid>-...`) of starts that were killed. */
export async function removeInterrupted(clusterDir: string): Promise<void> {
  const prefix = `${basename(clusterDir)}.creating-`;
  for (const name of await readdir(dirname(clusterDir))) {
    if (!name.startsWith(prefix)) continue;
    const path = join(dirname(clusterDir), name);
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (isRunning(pid) && (await ageOf(path)) < INTERRUPTED_AFTER_MS) continue;
    // An initdb that outlived its Node may still be writing: what it adds goes the next time.
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function ageOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found ? Date.now() - found.mtimeMs : 0;
}
