import { Logger, run, runMigrations } from 'graphile-worker';
import { OrderJob } from './order-job.mjs';
import { drainInTwoSteps, task } from './talk.mjs';

const { databaseUrl, orders, concurrency, localQueue } = task;
const job = new OrderJob(databaseUrl, orders);
const logger = new Logger(() => () => undefined);

/** As graphile-worker's page on performance recommends; without them each job is fetched and completed separately. */
const BATCHING = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };

async function fill() {
  await runMigrations({ connectionString: databaseUrl, logger });
  await job.pool.query(
    `SELECT graphile_worker.add_job('order', json_build_object('id', id)) FROM orders ORDER BY id`,
  );
}

function work() {
  return run({
    preset: {
      worker: {
        connectionString: databaseUrl,
        concurrentJobs: concurrency,
        maxPoolSize: 10,
        ...(localQueue && BATCHING),
      },
    },
    taskList: { order: ({ id }) => job.run(id) },
    noHandleSignals: true,
    logger,
  });
}

await drainInTwoSteps(fill, work, job.done);
