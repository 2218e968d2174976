import type { Settings } from '../config/settings';
import type { Service } from './service';

/**
 * Says that the service is ready: on a terminal a greeting, elsewhere one line of JSON for programs,
 *
 *     {"event":"ready","pid":4242,"role":"all","url":"http://127.0.0.1:8000","database":{"host":"127.0.0.1",...}}
 *
 * `database` is there when the database is the embedded one: its host, port, user and name, and the path of the file
 * with its password. The password itself is never printed.
 */
export function announceReady(service: Service, { role }: Settings): void {
  const { url, database } = service;
  const ready = { event: 'ready', pid: process.pid, role, url, database };
  console.log(process.stdout.isTTY ? greeting(service, role) : JSON.stringify(ready));
}

function greeting({ url, database }: Service, role: Settings['role']): string {
  const docs = role === 'worker' ? 'on API nodes only' : `${url}/docs`;
  return `
  The order service is ready.

    API       ${url}
    Docs      ${docs}
    Metrics   ${url}/metrics
    ${database ? describe(database) : 'Data      in the PostgreSQL at DATABASE_URL'}

  Press Ctrl-C to stop it.
`;
}

function describe(database: NonNullable<Service['database']>): string {
  const { dataDir, host, port, user, passwordFile } = database;
  return `Data      ${dataDir}
    psql      PGPASSWORD="$(cat '${passwordFile}')" psql -h ${host} -p ${port} -U ${user}`;
}
