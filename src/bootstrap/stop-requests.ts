/** How often the process looks whether npm still runs. A stop that is a second late harms nothing. */
const PARENT_CHECK_MS = 1_000;

/**
 * Calls `stop` whenever this process is told to stop: at SIGTERM and SIGINT, at SIGHUP (its terminal was closed), and
 * once when the `npm start` that it belongs to has ended. A shell stands between npm and this process and passes no
 * signal on, so that without this the service would go on alone.
 *
 * @param startedByNpm whether this process was started by a script of npm's
 * @param stop takes what has happened, in words that a message can begin with
 */
export function onStopRequest(startedByNpm: boolean, stop: (what: string) => void): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stopping = true;
      stop(`${signal} received`);
    });
  }
  // A signal to the whole process group ends npm as well, which must not count as a second signal.
  if (startedByNpm) {
    watchParent((what) => {
      if (!stopping) stop(what);
    });
  }
}

function watchParent(stop: (what: string) => void): void {
  const { ppid } = process;
  const timer = setInterval(() => {
    // A process whose parent has ended is given another one.
    if (process.ppid === ppid) return;
    clearInterval(timer);
    stop('npm has ended');
  }, PARENT_CHECK_MS);
  timer.unref();
}

/**
 * Lets the process outlive the readers of its output. When the other end of a pipe, or the terminal, is gone, every
 * write fails, and an error event without a listener would end the process without a drain. There is nowhere left to
 * report it.
 */
export function tolerateClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
