/**
 * Runs a call that is aborted with `late()` after `ms`, or with the signal's reason when that is aborted before.
 *
 * The timer is the call's own and goes with it: that of `AbortSignal.timeout` would stay for the full time after
 * each call, and under `AbortSignal.any` it may be collected before it fires.
 */
export async function withDeadline<T>(
  ms: number,
  signal: AbortSignal,
  late: () => Error,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const abort = new AbortController();
  const timer = setTimeout(() => {
    abort.abort(late());
  }, ms);
  const forward = () => {
    abort.abort(signal.reason);
  };
  signal.addEventListener('abort', forward, { once: true });
  try {
    return await call(abort.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', forward);
  }
}
