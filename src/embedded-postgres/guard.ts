import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './account';
import { EmbeddedPostgresError } from './error';
import { openLog } from './log';
import { CHILD_ENVIRONMENT, isRunning } from './process';

/** How long a fast shutdown may take: it writes a checkpoint, some seconds on a slow disk. Then the server aborts. */
const FAST_SHUTDOWN_LIMIT_S = 30;

/** When it aborts, PostgreSQL kills its own processes within 5 s; the rest is margin. */
const STOP_LIMIT_MS = (FAST_SHUTDOWN_LIMIT_S + 15) * 1000;

const POLL_MS = 10;

/**
 * A shell that starts the server and stops it when its standard input ends. That is a pipe from Node, which the system
 * closes however Node ends, even by SIGKILL. A regular stop closes the same pipe, so there is one way to stop.
 *
 * The shell ignores signals that are sent to all processes at once, as systemd does, or the server could outlive it. It
 * repeats its own signal to the server because a server that has just been started ignores it.
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
  /** The output of the server and of the guard is appended to this file. */
  readonly logFile: string;
}

/** A server that was started, and may have ended since. */
export interface Server {
  readonly pid: number;
  /** Resolves to how it ended, once it has. */
  readonly exited: Promise<string>;
  /** Shuts it down and resolves once it has ended, at once if it already has. */
  stop(): Promise<void>;
}

/**
 * Starts a server under a guard, in a separate session so that Ctrl-C in the terminal reaches Node only. The server does
 * not keep Node from ending.
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
  child.stdin.on('error', () => undefined); // the guard has ended, which `exited` reports
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

/** Waits for the server too: a guard that was killed has ended while the server is still stopping. */
async function untilGone(exited: Promise<unknown>, pid: number): Promise<void> {
  const started = performance.now();
  let ended = false;
  while (!ended || isRunning(pid)) {
    if (performance.now() - started > STOP_LIMIT_MS) {
      throw new EmbeddedPostgresError(
        `PostgreSQL (pid ${pid}) did not stop within ${STOP_LIMIT_MS / 1000} s. No committed data ` +
          `is lost. Stop it with "kill -QUIT ${pid}" before the next start.`,
      );
    }
    ended = await Promise.race([exited.then(() => true), sleep(POLL_MS, ended)]);
  }
}
