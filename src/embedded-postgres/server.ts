import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './account';
import { pathFor } from './cluster';
import { EmbeddedPostgresError, USE_YOUR_OWN } from './error';
import { launchGuarded } from './guard';
import type { Server } from './guard';
import { sizeOf, tailOf } from './log';
import { serverSettings } from './server-settings';
import { launchOnWindows } from './windows';
import { awaitFreeCluster, readPostmasterPid } from './postmaster-pid';

/** Replaying a full WAL after a power failure takes a minute or two on a slow disk. */
const START_LIMIT_MS = 300_000;

const POLL_MS = 10;

/**
 * Temporary failures: another program took the port after it was found free; another start took the lock (the next check
 * of the folder tells whose); sessions of a killed server still hold its shared memory. Ten attempts 300 ms apart are
 * enough for each of them to pass.
 */
const TEMPORARY_FAILURE = /could not bind|lock file "postmaster.pid"|shared memory block/;
const ATTEMPTS = 10;
const RETRY_PAUSE_MS = 300;

export interface ServerPlan {
  readonly clusterDir: string;
  /** Holds bin, lib and share. */
  readonly binaries: string;
  readonly account: Account | undefined;
  readonly durable: boolean;
  readonly log: (line: string) => void;
  readonly pickPort?: () => Promise<number>;
}

/** @throws EmbeddedPostgresError with the end of the server's log when it does not start */
export async function startServer(plan: ServerPlan): Promise<{ server: Server; port: number }> {
  const logFile = `${plan.clusterDir}.log`;
  for (let attempt = 1; ; attempt += 1) {
    await awaitFreeCluster(plan.clusterDir, plan.log);
    const port = await (plan.pickPort ?? freePort)();
    const logOffset = await sizeOf(logFile);
    const server = await launch(plan, port, logFile);
    const end = await endOrReady(server, plan.clusterDir);
    if (end === undefined) return { server, port };
    const logTail = await tailOf(logFile, logOffset);
    if (attempt === ATTEMPTS || !TEMPORARY_FAILURE.test(logTail)) {
      throw new EmbeddedPostgresError(
        `PostgreSQL did not start in ${plan.clusterDir} (${end}). The end of ${logFile}:\n` +
          `${logTail}\nFix the reported problem and start again, or ${USE_YOUR_OWN}.`,
      );
    }
    await sleep(RETRY_PAUSE_MS);
  }
}

async function launch(plan: ServerPlan, port: number, logFile: string): Promise<Server> {
  const settings = serverSettings(port, plan.durable);
  if (process.platform === 'win32') {
    return launchOnWindows({ ...plan, logFile, settings });
  }
  const path = await pathFor(plan.account, plan.clusterDir);
  const pairs = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return launchGuarded({
    program: join(plan.binaries, 'bin', 'postgres'),
    args: ['-D', path, ...pairs.flatMap((pair) => ['-c', pair])],
    cwd: plan.clusterDir,
    account: plan.account,
    logFile,
  });
}

/** Resolves to undefined once the server accepts connections, or to how it ended. */
async function endOrReady(server: Server, clusterDir: string): Promise<string | undefined> {
  const started = performance.now();
  for (;;) {
    const end = await Promise.race([server.exited, sleep(POLL_MS, undefined)]);
    if (end !== undefined) return end;
    // The lock file may belong to the server of another start.
    const lock = await readPostmasterPid(clusterDir);
    if (lock?.pid === server.pid && lock.ready) return undefined;
    if (performance.now() - started > START_LIMIT_MS) {
      await server.stop();
      return `not ready within ${START_LIMIT_MS / 1000} s`;
    }
  }
}

/** A port that is free at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (typeof address === 'object' && address) resolve(address.port);
        else reject(new Error('The operating system assigned no port.'));
      });
    });
  });
}
