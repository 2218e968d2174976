/**
 * Runs a call that ends with the error of `late` after `ms`, or with the signal's reason when that is aborted before.
 * It ends at once, even if the call is slow to heed the signal it is given; what becomes of it then is dropped.
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
  const ender = new AbortController();
  const forward = () => {
    ender.abort(signal.reason);
  };
  const timer = setTimeout(() => {
    ender.abort(late());
  }, ms);
  signal.addEventListener('abort', forward, { once: true });
  try {
    return await Promise.race([call(ender.signal), rejectedBy(ender.signal)]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', forward);
  }
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}
