import { createRedisBackend, Worker, type WorkerOptions } from 'bullmq';

/**
 * A job that a node had fetched and not yet finished when it was lost is put back after this time, at most after twice
 * this time. Until then further hints of the same order have no effect.
 */
const STALLED_AFTER_MS = 5_000;

/** Creates a BullMQ worker that fetches jobs on request only, and puts stalled jobs back. */
export function createJobWorker(
  queueName: string,
  connection: Pick<WorkerOptions, 'connection' | 'prefix' | 'skipVersionCheck'>,
): Worker<number> {
  const worker = new Worker<number>(
    queueName,
    null,
    {
      ...connection,
      autorun: false,
      lockDuration: STALLED_AFTER_MS,
      stalledInterval: STALLED_AFTER_MS,
      // A stalled job is put back however often it stalls: the table counts the attempts of its order.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    },
    // The plain backend opens no second connection for blocking commands, which are not used.
    (name, options) => createRedisBackend(name, options),
  );
  void worker.startStalledCheckTimer();
  return worker;
}
