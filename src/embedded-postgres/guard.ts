import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './account';
import { EmbeddedPostgresError } from './error';
import { openLog } from './log';
import { CHILD_ENVIRONMENT, isRunning } from './process';

/** A fast shutdown writes a checkpoint, seconds on a slow disk; past this the server aborts. */
const FAST_SHUTDOWN_LIMIT_S = 30;

/** After the order to abort PostgreSQL kills its own processes within 5 s; the rest is margin. */
const STOP_LIMIT_MS = (FAST_SHUTDOWN_LIMIT_S + 15) * 1000;

const POLL_MS = 10;

/**
 * A shell that starts the server and ends it when its standard input ends: that is a pipe from
 * Node, which the system closes however Node dies, `kill -9` included. Stopping the server in good
 * order goes the same way, so the emergency exit is used every day.
 *
 * It survives signals sent to everything at once (systemd does that), or the server would outlive
 * its guard. The signal is repeated because a server that has just been started ignores it still.
 */
const GUARD = `
trap '' INT TERM HUP
exec 3<&0
"$@" 3<&- </dev/null >&2 &
server=$!
echo "$server"
exec >&2
(
  while read -r _; do :; done <&3
  seconds=0
  while [ "$seconds" -lt ${FAST_SHUTDOWN_LIMIT_S} ] && kill -INT "$server"; do
    sleep 1
    seconds=$((seconds + 1))
  done
  while kill -QUIT "$server"; do sleep 1; done
) 2>/dev/null &
watcher=$!
wait "$server"
status=$?
kill -KILL "$watcher"
exit "$status"
`;

export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly account: Account | undefined;
  /** Everything the server and the guard say is appended to this file. */
  readonly logFile: string;
}

/** A server that was started; it may have ended since. */
export interface Server {
  readonly pid: number;
  /** How it ended, once it has. */
  readonly exited: Promise<string>;
  /** Shuts it down and resolves once it is gone, which it may be already. */
  stop(): Promise<void>;
}

/**
 * Starts a server under a guard, in a session of its own so that Ctrl-C in the terminal reaches
 * Node only. The server does not keep Node from ending.
 */
export async function launchGuarded(command: ServerCommand): Promise<Server> {
  const { program, args, account, cwd } = command;
  const logFile = await openLog(command.logFile, account);
  const child = spawn('/bin/sh', ['-c', GUARD, 'postgres-guard', program, ...args], {
    cwd,
    uid: account?.uid,
    gid: account?.gid,
    env: CHILD_ENVIRONMENT,
    detached: true,
    stdio: ['pipe', 'pipe', logFile.fd],
  }) as ChildProcessByStdio<Writable, Readable, null>;
  child.stdin.on('error', () => undefined); // the guard has ended, as `exited` says
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('exit', (code, signal) => {
      resolve(signal ?? `exit code ${code ?? 'unknown'}`);
    });
  });
  const announced = once(child.stdout, 'data').then((chunks) => Number(chunks[0]));
  const pid = await Promise.race([announced, exited.then(() => NaN)]);
  child.stdout.destroy();
  child.unref();
  await logFile.close();
  return {
    pid,
    exited,
    stop: async () => {
      child.ref();
      child.stdin.end();
      await untilGone(exited, pid);
    },
  };
}

/** The guard ends with the server; were it killed, the server would still be stopping. */
async function untilGone(exited: Promise<unknown>, pid: number): Promise<void> {
  const started = performance.now();
  let ended = false;
  while (!ended || isRunning(pid)) {
    if (performance.now() - started > STOP_LIMIT_MS) {
      throw new EmbeddedPostgresError(
        `PostgreSQL (pid ${pid}) has not stopped within ${STOP_LIMIT_MS / 1000} s. What was ` +
          `committed is safe; stop it with "kill -QUIT ${pid}" before the next start.`,
      );
    }
    ended = await Promise.race([exited.then(() => true), sleep(POLL_MS, ended)]);
  }
}
