import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError, errorCode } from './error';
import { commandLine, isRunning, worksIn } from './process';

/**
 * How long a server may take to stop after its application has ended: its guard waits 30 s for a checkpoint and then
 * makes it abort; the rest is margin.
 */
const ORPHAN_LIMIT_MS = 45_000;

/** PostgreSQL creates and fills its lock file at once: one that stays empty for this long is left from a crash. */
const EMPTY_LIMIT_MS = 2_000;

const POLL_MS = 25;

/** The content of `postmaster.pid`, PostgreSQL's lock on the data folder. */
export interface PostmasterPid {
  readonly pid: number;
  /** Whether it accepts connections. */
  readonly ready: boolean;
}

type Holder =
  | { readonly kind: 'none' }
  | { readonly kind: 'unwritten' }
  | { readonly kind: 'stale'; readonly pid: number }
  | { readonly kind: 'orphan'; readonly pid: number }
  | { readonly kind: 'application'; readonly pid: number; readonly owner?: number };

/** The server's `cluster_name`, which shows the pid of its application on the server's command line. */
export function ownerMark(pid: number): string {
  return `order-service-pid-${pid}`;
}

export function parsePostmasterPid(text: string): PostmasterPid | undefined {
  const lines = text.split('\n');
  // Single-user mode writes its pid negated.
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  return pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
}

/** Undefined when the lock file does not exist or is still empty. */
export async function readPostmasterPid(clusterDir: string): Promise<PostmasterPid | undefined> {
  const text = await readFile(lockFile(clusterDir), 'utf8').catch(() => '');
  return parsePostmasterPid(text);
}

/**
 * Returns once no server uses the cluster. Removes a lock file whose pid now belongs to another program, and waits for a
 * server that is still stopping after its application has ended. This is for convenience only: PostgreSQL takes its own
 * lock when it starts.
 *
 * @throws EmbeddedPostgresError when a server uses it for a running application
 */
export async function awaitFreeCluster(
  clusterDir: string,
  log: (line: string) => void,
): Promise<void> {
  const started = performance.now();
  for (let waiting = false; ;) {
    const holder = await findHolder(clusterDir);
    const elapsed = performance.now() - started;
    switch (holder.kind) {
      case 'none':
        return;
      case 'application':
        throw inUse(clusterDir, holder);
      case 'stale':
        log(`Removing a lock file left by a crash in ${clusterDir}`);
        await removeLockFile(clusterDir, holder.pid);
        break;
      case 'unwritten':
        if (elapsed > EMPTY_LIMIT_MS) await removeLockFile(clusterDir, undefined);
        break;
      case 'orphan':
        if (elapsed > ORPHAN_LIMIT_MS) throw stuckOrphan(clusterDir, holder.pid);
        if (!waiting) log(`Waiting for the previous PostgreSQL (pid ${holder.pid}) to stop`);
        waiting = true;
        break;
    }
    await sleep(POLL_MS);
  }
}

async function findHolder(clusterDir: string): Promise<Holder> {
  const text = await readFile(lockFile(clusterDir), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return { kind: 'none' };
  const pid = parsePostmasterPid(text)?.pid;
  if (pid === undefined) return { kind: 'unwritten' };
  if (!isRunning(pid)) return { kind: 'none' }; // PostgreSQL itself replaces the lock of a server that has ended
  const command = await commandLine(pid);
  const worksThere = await worksIn(pid, clusterDir);
  if (!isRunning(pid)) return { kind: 'none' }; // it has ended meanwhile
  if (!serves(command, worksThere, clusterDir)) return { kind: 'stale', pid };
  const owner = /order-service-pid-(\d+)/.exec(command ?? '')?.[1];
  if (owner === undefined) return { kind: 'application', pid };
  return isRunning(Number(owner))
    ? { kind: 'application', pid, owner: Number(owner) }
    : { kind: 'orphan', pid };
}

/**
 * Whether the process named by a lock file is a PostgreSQL on this cluster. In doubt it is: refusing to start is safe,
 * while removing the lock of a running server can destroy data.
 */
export function serves(
  command: string | undefined,
  worksThere: boolean | undefined,
  clusterDir: string,
): boolean {
  if (command === undefined) return true;
  if (!/(^|[/\\])postgres(\.exe)?(:|\s|$)/.test(command)) return false;
  if (worksThere !== undefined) return worksThere;
  return !/\s-D\s*\//.test(command) || command.includes(clusterDir);
}

/**
 * Renames the file before deleting it, and restores it when its pid is not `judged`: of two starts that find the same
 * stale file, the second must not delete the lock that the first one's server has taken meanwhile.
 */
async function removeLockFile(clusterDir: string, judged: number | undefined): Promise<void> {
  const file = lockFile(clusterDir);
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
    const moved = parsePostmasterPid(await readFile(aside, 'utf8'))?.pid;
    if (moved !== judged) await link(aside, file);
  } catch (error) {
    const code = errorCode(error) ?? '';
    if (!['ENOENT', 'EEXIST'].includes(code)) throw error; // removed or replaced by another start, both of which are fine
  } finally {
    await rm(aside, { force: true });
  }
}

function lockFile(clusterDir: string): string {
  return join(clusterDir, 'postmaster.pid');
}

function inUse(
  clusterDir: string,
  { pid, owner }: { readonly pid: number; readonly owner?: number },
): EmbeddedPostgresError {
  const by = owner === undefined ? '' : ` of the application with pid ${owner}`;
  const stop = owner ?? pid;
  return new EmbeddedPostgresError(
    `The database in ${clusterDir} is in use by a PostgreSQL server (pid ${pid})${by}. Stop it ` +
      `first with "kill -INT ${stop}", or set DATA_DIR to another folder.`,
  );
}

function stuckOrphan(clusterDir: string, pid: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The database in ${clusterDir} is in use by a PostgreSQL server (pid ${pid}) that did not stop ` +
      `when its application ended. Stop it with "kill -INT ${pid}" and start again.`,
  );
}
