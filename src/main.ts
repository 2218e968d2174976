import './bootstrap/lazy-phone-numbers';
import { isStartedByNpm } from './config/launcher';
import { loadSettings, SettingsError } from './config/load-settings';
import { EmbeddedPostgresError } from './embedded-postgres/embedded-postgres';
import { announceReady } from './bootstrap/ready';
import { startService, type Service } from './bootstrap/service';
import { StartError } from './bootstrap/startup-error';
import { onStopRequest, tolerateClosedOutput } from './bootstrap/stop-requests';

/**
 * With npm start, one Ctrl-C reaches this process twice, from the terminal and from npm. Only a signal that comes later
 * than this after the first one, in milliseconds, is a second request.
 */
const SIGNAL_ECHO_MS = 500;

const SECOND_SIGNAL_EXIT_CODE = 130;
const STOPPED_WHILE_STARTING_EXIT_CODE = 130;

async function main(): Promise<void> {
  tolerateClosedOutput();
  const settings = loadSettings();
  const starting = startService(settings);
  stopOnRequest(starting);
  const service = await starting;
  announceReady(service, settings);
}

/** Installed before the start: in a container this is process 1, which ignores signals that have no handler. */
function stopOnRequest(starting: Promise<Service>): void {
  let started: Service | undefined;
  let firstAt: number | undefined;
  starting.then(
    (service) => (started = service),
    () => undefined,
  );
  onStopRequest(isStartedByNpm(), (what) => {
    // Nothing has been accepted yet, and the embedded PostgreSQL stops when this process ends.
    if (!started) process.exit(STOPPED_WHILE_STARTING_EXIT_CODE);
    if (firstAt === undefined) {
      firstAt = performance.now();
      announceStop(what);
      started.stop().then(() => process.exit(0), fail);
    } else if (performance.now() - firstAt > SIGNAL_ECHO_MS) {
      process.exit(SECOND_SIGNAL_EXIT_CODE);
    }
  });
}

function announceStop(what: string): void {
  // A terminal has printed ^C in the current line.
  const lineBreak = process.stdout.isTTY ? '\n' : '';
  console.log(
    `${lineBreak}${what}: finishing running work. Send a signal again to stop immediately.`,
  );
}

/** Prints only the message of errors that say what to do, and the stack of all others. */
function fail(error: unknown): never {
  const explained = [SettingsError, EmbeddedPostgresError, StartError];
  const isExplained = explained.some((kind) => error instanceof kind);
  console.error(isExplained ? (error as Error).message : error);
  process.exit(1);
}

main().catch(fail);
