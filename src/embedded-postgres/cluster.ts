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

/** Holds the superuser's generated password, with mode 0600 inside the cluster's folder with mode 0700. */
const PASSWORD_FILE = 'order-service-password';

const PASSWORD_BYTES = 24;

/** A process's current folder, which the process can use even when it cannot enter the folders above. */
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
 * Creates the cluster unless it exists. It is completed beside and then renamed, so that an interrupted start leaves no
 * partial cluster, and of two starts at the same moment one succeeds.
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
    // Another start has created the cluster meanwhile: this one uses it.
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw error;
    return false;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  if (options.durable) await syncFolder(dirname(clusterDir));
  return true;
}

/** The file with the superuser's password in a cluster. */
export function passwordFile(clusterDir: string): string {
  return join(clusterDir, PASSWORD_FILE);
}

/** @throws EmbeddedPostgresError when the file is missing, e.g. because another tool has created the cluster */
export async function readPassword(clusterDir: string): Promise<string> {
  try {
    return (await readFile(passwordFile(clusterDir), 'utf8')).trim();
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The password of the database in ${clusterDir} cannot be read (${messageOf(error)}). ` +
        `Restore the file ${PASSWORD_FILE}, or move the folder away to start with an empty database.`,
    );
  }
}

/**
 * The path of the cluster's folder for a server that runs as `account`. PostgreSQL accepts absolute paths only, and an
 * unprivileged user cannot pass through a folder such as /root: there it is the path of the server's current folder,
 * which root sets when it starts the server.
 *
 * @throws EmbeddedPostgresError on systems without such a path
 */
export async function pathFor(account: Account | undefined, clusterDir: string): Promise<string> {
  if (!account) return clusterDir;
  if (await canEnter(clusterDir, account)) return clusterDir;
  if (process.platform === 'linux') return CURRENT_FOLDER;
  throw new EmbeddedPostgresError(
    `PostgreSQL refuses to run as root, and the user ${account.name}, which it runs as instead, ` +
      `cannot enter ${clusterDir}. Start the service as an ordinary user, or set DATA_DIR to a ` +
      `folder that every user may enter.`,
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
  // In the folder itself, so that the relative path of the password file is valid for every account.
  const result = await run(program, initdbArguments(path, options.durable), {
    account,
    cwd: folder,
  });
  if (!result.ok) {
    throw new EmbeddedPostgresError(
      `The database in ${dirname(staging)} could not be created:\n${result.output}\n` +
        `Fix the reported problem and start again, or ${USE_YOUR_OWN}.`,
    );
  }
  await rename(password, join(folder, PASSWORD_FILE));
}

/** The same database on every machine, independent of its locale and of the user's name. */
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

/** Makes the server's user the owner of a folder that root has created or copied. */
async function handOver(path: string, account: Account): Promise<void> {
  const found = await stat(path);
  if (found.uid === account.uid) return;
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    await lchown(join(entry.parentPath, entry.name), account.uid, account.gid);
  }
  // Last, so that an interrupted change of the owner is repeated.
  await lchown(path, account.uid, account.gid);
  await chmod(path, 0o700);
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be synced there
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
