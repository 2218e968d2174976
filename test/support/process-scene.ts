import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { isRunning } from '../../src/embedded-postgres/process';
import { readPostmasterPid } from '../../src/embedded-postgres/postmaster-pid';
import { refuseAfterTest } from './running-test';
import { ServiceProcess } from './service-process';
import { temporaryFolder } from './temporary-folder';
import { until } from './until';

/** Fast work, and intervals so short that tests do not wait for them. */
export const QUICK = {
  PROCESSING_MIN_MS: '0',
  PROCESSING_MAX_MS: '20',
  RECOVERY_INTERVAL_MS: '300',
  SHUTDOWN_DRAIN_MS: '1000',
};

/** A data folder for each test and the processes that use it; checks after each test that PostgreSQL has ended. */
export class ProcessScene {
  dataDir = '';
  private root = '';
  private processes: ServiceProcess[] = [];

  constructor() {
    beforeEach(async () => {
      this.root = await temporaryFolder();
      this.dataDir = join(this.root, 'data');
      this.processes = [];
    });
    afterEach(async () => {
      const postmaster = await this.postmaster();
      for (const service of this.processes) {
        // A process that a test has paused must be continued to be killed.
        service.signal('SIGCONT');
        await service.kill();
      }
      if (postmaster !== undefined)
        await until('PostgreSQL has ended', () => !isRunning(postmaster), 60_000);
      await rm(this.root, { recursive: true, force: true });
    });
  }

  /** Starts the service, on the scene's data folder unless told otherwise. */
  launch(settings: Record<string, string> = {}): ServiceProcess {
    refuseAfterTest();
    const service = new ServiceProcess({ DATA_DIR: this.dataDir, ...QUICK, ...settings });
    this.processes.push(service);
    return service;
  }

  /** The process id of the embedded PostgreSQL; undefined when none uses the folder. */
  async postmaster(): Promise<number | undefined> {
    return (await readPostmasterPid(join(this.dataDir, 'pg18')))?.pid;
  }
}

/** The connection string of the embedded PostgreSQL that the process has started. */
export async function databaseUrlOf(service: ServiceProcess): Promise<string> {
  const { database } = await service.ready();
  if (!database) throw new Error('The service does not use the embedded PostgreSQL');
  const { host, port, user, name, passwordFile } = database;
  const password = (await readFile(passwordFile, 'utf8')).trim();
  return `postgres://${user}:${password}@${host}:${port}/${name}`;
}

/** Runs one statement on a separate connection. */
export async function sql<Row extends object = Record<string, unknown>>(
  databaseUrl: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Resolves once no order is PENDING or PROCESSING. */
export async function untilAllAreClosed(databaseUrl: string, deadlineMs = 90_000): Promise<void> {
  await until(
    'no order is open',
    async () => {
      const open = `SELECT FROM orders WHERE status IN ('PENDING', 'PROCESSING') LIMIT 1`;
      return (await sql(databaseUrl, open)).length === 0;
    },
    deadlineMs,
  );
}

/** Invariants I1 to I6, from the event log: each of the orders was completed exactly once, from PROCESSING. */
export async function expectCompletedOnce(
  databaseUrl: string,
  ids: readonly number[],
): Promise<void> {
  const faults = await sql(
    databaseUrl,
    `SELECT o.id, count(e.id)::int AS completions, bool_and(e.from_status = 'PROCESSING') AS from_processing
     FROM unnest($1::bigint[]) AS o (id)
     LEFT JOIN order_events e ON e.order_id = o.id AND e.to_status = 'COMPLETED'
     GROUP BY o.id
     HAVING count(e.id) <> 1 OR NOT bool_and(e.from_status = 'PROCESSING')`,
    [ids],
  );
  expect(faults).toEqual([]);
  const [counted] = await sql<{ log: number; counters: number; rows: number }>(
    databaseUrl,
    `SELECT (SELECT count(*)::int FROM orders WHERE status = 'COMPLETED') AS rows,
       (SELECT sum(completed)::int FROM order_status_counters) AS counters,
       (SELECT count(*)::int FROM order_events WHERE to_status = 'COMPLETED') AS log`,
  );
  expect(counted).toEqual({ rows: counted?.rows, counters: counted?.rows, log: counted?.rows });
}
