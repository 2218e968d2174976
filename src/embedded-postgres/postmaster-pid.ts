import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError, errorCode } from './error';
import { commandLine, isRunning, worksIn } from './process';

/**
 * How long a server whose application died may take to stop: its guard lets it finish a
 * checkpoint for 30 s, then makes it abort; the rest is margin.
 */
const ORPHAN_LIMIT_MS = 45_000;

/** PostgreSQL creates its lock file and fills it at once: one still empty after this is debris. */
const EMPTY_LIMIT_MS = 2_000;

const POLL_MS = 25;

/** What PostgreSQL writes into `postmaster.pid`, its lock on the data folder, as it starts. */
export interface PostmasterPid {
  readonly pid: number;
  /** Accepts connections. */
  readonly ready: boolean;
}

type Holder =
  | { readonly kind: 'none' }
  | { readonly kind: 'unwritten' }
  | { readonly kind: 'stale'; readonly pid: number }
  | { readonly kind: 'orphan'; readonly pid: number }
  | { readonly kind: 'application'; readonly pid: number; readonly owner?: number };

/** The server's `cluster_name`: on its command line it says which application it works for. */
export function ownerMark(pid: number): string {
  return `order-service-pid-${pid}`;
}

export function parsePostmasterPid(text: string): PostmasterPid | undefined {
  const lines = text.split('\n');
  // Single-user mode writes its pid negated.
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  return pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
}

/** Undefined when there is no lock file, or nothing in it yet. */
export async function readPostmasterPid(clusterDir: string): Promise<PostmasterPid | undefined> {
  const text = await readFile(lockFile(clusterDir), 'utf8').catch(() => '');
  return parsePostmasterPid(text);
}

/**
 * Returns once no server holds the cluster. Clears away a lock file whose pid went to another
 * program, and waits for a server that is still stopping after its application died; both are
 * only a courtesy, since the lock that counts is PostgreSQL's own, taken as it starts.
 *
 * @throws EmbeddedPostgresError when a server works there for a living application
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
        log(`Removing the lock file that a crash left behind in ${clusterDir}`);
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
  if (!isRunning(pid)) return { kind: 'none' }; // PostgreSQL overwrites a dead server's lock itself
  const command = await commandLine(pid);
  const worksThere = await worksIn(pid, clusterDir);
  if (!isRunning(pid)) return { kind: 'none' }; // it ended while it was looked at
  if (!serves(command, worksThere, clusterDir)) return { kind: 'stale', pid };
  const owner = /order-service-pid-(\d+)/.exec(command ?? '')?.[1];
  if (owner === undefined) return { kind: 'application', pid };
  return isRunning(Number(owner))
    ? { kind: 'application', pid, owner: Number(owner) }
    : { kind: 'orphan', pid };
}

/**
 * Whether the process behind a lock file is a PostgreSQL on this cluster, in doubt yes: a refused
 * start is a nuisance, a lock taken from a living server is damage.
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
 * Moves the file away before deleting it, and puts it back when it turns out to be newer than the
 * one that was judged: of two starts that find the same stale file, the slower one must not delete
 * the lock that the faster one's server has taken meanwhile.
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
    if (!['ENOENT', 'EEXIST'].includes(code)) throw error; // gone, or taken anew: both are fine
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
  const by = owner === undefined ? '' : `, for the application with pid ${owner}`;
  const stop = owner ?? pid;
  return new EmbeddedPostgresError(
    `The database in ${clusterDir} is in use: a PostgreSQL (pid ${pid}) runs on it${by}. Stop ` +
      `that one first ("kill -INT ${stop}"), or give this one a folder of its own with DATA_DIR.`,
  );
}

function stuckOrphan(clusterDir: string, pid: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The database in ${clusterDir} is held by a PostgreSQL (pid ${pid}) whose application is ` +
      `gone, and which has not stopped by itself. Stop it with "kill -INT ${pid}" and start again.`,
  );
}
