import { spawn, spawnSync } from 'node:child_process';
import { cp, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { EmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres';
import type { EmbeddedPostgresInternals } from '../../src/embedded-postgres/embedded-postgres';
import { isRunning, run } from '../../src/embedded-postgres/process';
import { readPostmasterPid } from '../../src/embedded-postgres/postmaster-pid';
import { Application } from './embedded-postgres-application';
import type { ApplicationOptions } from './embedded-postgres-application';
import { refuseAfterTest } from './running-test';
import { temporaryFolder } from './temporary-folder';
import { until } from './until';

export const isRoot = process.getuid?.() === 0;

/** The uid of nobody on Linux: a user other than root. */
export const SOMEBODY = 65534;

const PACKAGE = dirname(
  dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
);

/** A separate version for modified binaries, because root keeps copies by version outside of the test's folder. */
const MODIFIED_VERSION = `18.4.0-test-${process.pid}`;

/** A data folder for each test, and helpers for it; checks after each test that the server has ended. */
export class EmbeddedPostgresHarness {
  root = '';
  dataDir = '';
  private cleanups: (() => unknown)[] = [];

  constructor() {
    beforeEach(async () => {
      this.root = await temporaryFolder();
      this.dataDir = join(this.root, 'data');
      this.cleanups = [];
    });
    afterEach(async () => {
      const server = await readPostmasterPid(this.clusterDir);
      await this.runCleanups();
      if (server) await until('the server has ended', () => !isRunning(server.pid));
      expect(await readPostmasterPid(this.clusterDir)).toBeUndefined();
      await rm(this.root, { recursive: true, force: true });
    });
  }

  /** All of them, though one fails. */
  private async runCleanups(): Promise<void> {
    const errors: unknown[] = [];
    for (const cleanup of this.cleanups.reverse())
      await Promise.resolve()
        .then(cleanup)
        .catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw new AggregateError(errors, 'Cleanup after the test failed');
  }

  get clusterDir(): string {
    return join(this.dataDir, 'pg18');
  }

  /** Registers a function to run after the test, in reverse order. */
  cleanUp(cleanup: () => unknown): void {
    this.cleanups.push(cleanup);
  }

  start(
    internals: EmbeddedPostgresInternals = {},
    log?: (line: string) => void,
  ): Promise<EmbeddedPostgres> {
    refuseAfterTest();
    const options = { dataDir: this.dataDir, durable: false, log };
    const starting = EmbeddedPostgres.start(options, internals);
    // Registered before it has started: the test may run out of time meanwhile.
    this.cleanUp(() =>
      starting.then(
        (postgres) => postgres.stop(),
        () => undefined,
      ),
    );
    return starting;
  }

  /** Starts it in a separate process. */
  launch(options?: ApplicationOptions): Application {
    refuseAfterTest();
    const application = new Application(this.dataDir, options);
    this.cleanUp(() => application.kill());
    return application;
  }

  async serverPid(): Promise<number> {
    const lock = await readPostmasterPid(this.clusterDir);
    if (!lock) throw new Error('No server uses the folder.');
    return lock.pid;
  }

  async serverUid(): Promise<number> {
    return ps(await this.serverPid(), 'uid');
  }

  /** A process of the server's user that is no PostgreSQL. */
  async spawnOtherProgram(): Promise<number> {
    const { uid } = await stat(this.clusterDir);
    refuseAfterTest();
    const child = spawn('sleep', ['300'], isRoot ? { uid } : {});
    const exited = once(child, 'exit');
    this.cleanUp(() => {
      child.kill();
      return exited;
    });
    return child.pid ?? NaN;
  }

  /** A copy of the package of binaries that a test may modify. */
  async copyPackage(): Promise<string> {
    const copy = join(this.root, 'package');
    refuseAfterTest();
    const copying = cp(PACKAGE, copy, { recursive: true, verbatimSymlinks: true });
    // The folder cannot be removed while files are added to it.
    this.cleanUp(() => copying);
    await copying;
    await writeFile(join(copy, 'package.json'), JSON.stringify({ version: MODIFIED_VERSION }));
    for (const place of ['/var/cache', '/var/tmp']) {
      this.cleanUp(() => rm(this.sharedCopy(place), { recursive: true, force: true }));
    }
    return copy;
  }

  /** Where root keeps its copy of that package. */
  sharedCopy(place: string): string {
    return join(place, `order-service-postgres-${MODIFIED_VERSION}`);
  }

  async removeLinks(packageDir: string): Promise<void> {
    const list = await readFile(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8');
    const links = JSON.parse(list) as { target: string }[];
    expect(links.length).toBeGreaterThan(0);
    for (const { target } of links) await unlink(join(packageDir, target));
  }
}

export async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** Sends a signal to all processes of a server's guard, but not to the server. */
export async function signalGuard(server: number, signal: NodeJS.Signals): Promise<void> {
  const guard = await ps(server, 'ppid');
  const listed = await run('ps', ['-A', '-o', 'pid=,ppid=']);
  const processes = listed.output.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const watchers = processes.filter(([pid, parent]) => parent === guard && pid !== server);
  expect(watchers).toHaveLength(1);
  for (const pid of [guard, ...watchers.map(([watcher = NaN]) => watcher)])
    process.kill(pid, signal);
}

/** A numeric property of a process. */
export async function ps(pid: number, column: 'pgid' | 'ppid' | 'uid'): Promise<number> {
  return Number((await run('ps', ['-o', `${column}=`, '-p', String(pid)])).output);
}

/** Whether a process of the user `SOMEBODY` can be started from this project's folder. */
export function canActAsSomebody(): boolean {
  const script = ['-c', 'test -r "$1"', 'sh', __filename];
  return isRoot && spawnSync('/bin/sh', script, { uid: SOMEBODY, gid: SOMEBODY }).status === 0;
}
