import { randomBytes } from 'node:crypto';
import {
  chmod,
  lchown,
  mkdir,
  mkdtemp,
  open,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Account } from './account';
import { EmbeddedPostgresError, USE_YOUR_OWN, errorCode, messageOf } from './error';
import { holdsCluster, removeInterrupted } from './data-dir';
import { run } from './process';

export const SUPERUSER = 'postgres';

/** Fresh clusters keep the password that was made up for them, mode 0600 inside their 0700 folder. */
const PASSWORD_FILE = 'order-service-password';

const PASSWORD_BYTES = 24;

/** A process's working folder, reached without a look at the folders above it. */
const CURRENT_FOLDER = '/proc/self/cwd';

export interface ClusterOptions {
  readonly clusterDir: string;
  /** Holds bin, lib and share. */
  readonly binaries: string;
  /** Who the server runs as, when that is not this process's own user. */
  readonly account: Account | undefined;
  readonly durable: boolean;
  readonly log: (line: string) => void;
}

/**
 * Creates the cluster unless there is one. It is completed beside and then renamed, so that an
 * interrupted start leaves no half of one, and of two starts at the same moment one wins.
 *
 * @returns whether this call has created it
 */
export async function ensureCluster(options: ClusterOptions): Promise<boolean> {
  const { clusterDir } = options;
  await removeInterrupted(clusterDir);
  if (await holdsCluster(clusterDir)) {
    if (options.account) await handOver(clusterDir, options.account);
    return false;
  }
  options.log(`Creating the database in ${clusterDir}`);
  const staging = await mkdtemp(`${clusterDir}.creating-${process.pid}-`);
  try {
    await initialize(staging, options);
    await rename(join(staging, 'cluster'), clusterDir);
  } catch (error) {
    // Another start was faster: its cluster is as good as ours.
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw error;
    return false;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  if (options.durable) await syncFolder(dirname(clusterDir));
  return true;
}

/** @throws EmbeddedPostgresError when another tool made the cluster, so that no password is known */
export async function readPassword(clusterDir: string): Promise<string> {
  try {
    return (await readFile(join(clusterDir, PASSWORD_FILE), 'utf8')).trim();
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The password of the database in ${clusterDir} cannot be read (${messageOf(error)}). Put ` +
        `the file ${PASSWORD_FILE} back, or move the folder away to start with an empty database.`,
    );
  }
}

/**
 * The cluster's folder as `account` can name it. PostgreSQL takes absolute paths only, and an
 * unprivileged user cannot walk through a folder such as /root: there the server gets the path of
 * its own working folder, which root has set for it, instead.
 *
 * @throws EmbeddedPostgresError on systems that have no such path
 */
export async function pathFor(account: Account | undefined, clusterDir: string): Promise<string> {
  if (!account) return clusterDir;
  if (await canEnter(clusterDir, account)) return clusterDir;
  if (process.platform === 'linux') return CURRENT_FOLDER;
  throw new EmbeddedPostgresError(
    `PostgreSQL refuses to run as root, and the user ${account.name} it runs as cannot reach ` +
      `${clusterDir}. Start the service as an ordinary user, or set DATA_DIR to a folder whose ` +
      `parents everyone may enter.`,
  );
}

async function canEnter(folder: string, account: Account): Promise<boolean> {
  return (await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { account })).ok;
}

async function initialize(staging: string, options: ClusterOptions): Promise<void> {
  const { account } = options;
  const folder = join(staging, 'cluster');
  const password = join(staging, PASSWORD_FILE);
  await mkdir(folder, { mode: 0o700 });
  await writeFile(password, randomBytes(PASSWORD_BYTES).toString('hex'), { mode: 0o600 });
  if (account) await handOver(staging, account);
  const path = await pathFor(account, folder);
  const program = join(options.binaries, 'bin', 'initdb');
  // Run in the folder itself: the password file's relative name works wherever the folder is.
  const result = await run(program, initdbArguments(path, options.durable), {
    account,
    cwd: folder,
  });
  if (!result.ok) {
    throw new EmbeddedPostgresError(
      `The database in ${dirname(staging)} could not be created:\n${result.output}\n` +
        `Remove what this says and start again (nothing half-made was left behind), or ` +
        `${USE_YOUR_OWN}.`,
    );
  }
  await rename(password, join(folder, PASSWORD_FILE));
}

/** The same database on every machine: nothing of the locale, the time zone or the user's name. */
function initdbArguments(path: string, durable: boolean): string[] {
  return [
    `--pgdata=${path}`,
    `--username=${SUPERUSER}`,
    `--pwfile=../${PASSWORD_FILE}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ];
}

/** Gives what root owns (a cluster copied by root, a folder just made) to the server's user. */
async function handOver(path: string, account: Account): Promise<void> {
  const found = await stat(path);
  if (found.uid === account.uid) return;
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    await lchown(join(entry.parentPath, entry.name), account.uid, account.gid);
  }
  // Last, so that an interrupted hand-over starts anew.
  await lchown(path, account.uid, account.gid);
  await chmod(path, 0o700);
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be synced there
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
