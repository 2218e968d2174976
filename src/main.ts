import { loadSettings, SettingsError } from './config/load-settings';
import type { Settings } from './config/settings';
import { EmbeddedPostgresError } from './embedded-postgres/embedded-postgres';
import { startService, type Service } from './bootstrap/service';
import { StartError } from './bootstrap/startup-error';

/**
 * A terminal's Ctrl-C reaches this process twice, from the terminal and from npm; only a signal after this many
 * milliseconds is a second wish.
 */
const SIGNAL_ECHO_MS = 500;

const SECOND_SIGNAL_EXIT_CODE = 130;
const STOPPED_WHILE_STARTING_EXIT_CODE = 130;

async function main(): Promise<void> {
  const settings = loadSettings();
  const starting = startService(settings);
  stopOnSignals(starting);
  const service = await starting;
  greet(service, settings);
}

/** Handled from the start on: in a container this is process 1, for which a signal without a handler does nothing. */
function stopOnSignals(starting: Promise<Service>): void {
  let started: Service | undefined;
  let firstAt: number | undefined;
  starting.then(
    (service) => (started = service),
    () => undefined,
  );
  const onSignal = (signal: NodeJS.Signals) => {
    // Nothing has been accepted yet; the guard of an embedded PostgreSQL stops it.
    if (!started) process.exit(STOPPED_WHILE_STARTING_EXIT_CODE);
    if (firstAt === undefined) {
      firstAt = performance.now();
      console.log(`\n${signal}: finishing the running work. Send it again to end at once.`);
      started.stop().then(() => process.exit(0), fail);
    } else if (performance.now() - firstAt > SIGNAL_ECHO_MS) {
      process.exit(SECOND_SIGNAL_EXIT_CODE);
    }
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

function greet(service: Service, { role, databaseUrl, dataDir }: Settings): void {
  const { url } = service;
  const data =
    databaseUrl === undefined
      ? `in ${dataDir}, ${service.databaseUrl}`
      : 'in the PostgreSQL of DATABASE_URL';
  const docs = role === 'worker' ? 'none, as on every worker node' : `${url}/docs`;
  console.log(`
  The order service is ready.

    API       ${url}
    Docs      ${docs}
    Metrics   ${url}/metrics
    Data      ${data}

  Ctrl-C stops it all.
`);
}

/** Errors that say what to do are for people; of others the stack helps. */
function fail(error: unknown): never {
  const forPeople = [SettingsError, EmbeddedPostgresError, StartError];
  const known = forPeople.some((kind) => error instanceof kind);
  console.error(known ? (error as Error).message : error);
  process.exit(1);
}

main().catch(fail);
