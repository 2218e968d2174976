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

/** Replaying a full WAL after a power cut takes a slow disk a minute or two. */
const START_LIMIT_MS = 300_000;

const POLL_MS = 10;

/**
 * Troubles that pass: another program took the port between our look and the server's; another
 * start took the lock (the next look at the folder tells whose); a killed server's sessions still
 * hold its memory. Ten tries, 300 ms apart, outlast all three or prove that they stay.
 */
const PASSING_TROUBLE = /could not bind|lock file "postmaster.pid"|shared memory block/;
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
    const logged = await sizeOf(logFile);
    const server = await launch(plan, port, logFile);
    const end = await endOrReady(server, plan.clusterDir);
    if (end === undefined) return { server, port };
    const said = await tailOf(logFile, logged);
    if (attempt === ATTEMPTS || !PASSING_TROUBLE.test(said)) {
      throw new EmbeddedPostgresError(
        `PostgreSQL did not start on ${plan.clusterDir} (${end}). The end of ${logFile}:\n` +
          `${said}\nRemove what this says and start again, or ${USE_YOUR_OWN}.`,
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

/** Undefined once the server accepts connections, else how it ended. */
async function endOrReady(server: Server, clusterDir: string): Promise<string | undefined> {
  const started = performance.now();
  for (;;) {
    const end = await Promise.race([server.exited, sleep(POLL_MS, undefined)]);
    if (end !== undefined) return end;
    // The file may be that of another start's server.
    const lock = await readPostmasterPid(clusterDir);
    if (lock?.pid === server.pid && lock.ready) return undefined;
    if (performance.now() - started > START_LIMIT_MS) {
      await server.stop();
      return `not ready within ${START_LIMIT_MS / 1000} s`;
    }
  }
}

/** A port that is free at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (typeof address === 'object' && address) resolve(address.port);
        else reject(new Error('The system named no port.'));
      });
    });
  });
}
