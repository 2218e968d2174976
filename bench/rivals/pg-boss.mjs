import PgBoss from 'pg-boss';
import { OrderJob } from './order-job.mjs';
import { drainInTwoSteps, task } from './talk.mjs';

const { databaseUrl, orders, concurrency } = task;
const QUEUE = 'orders';
const BATCH = 100;
const FETCHERS = 2;
const INSERT_BATCH = 1_000;

const job = new OrderJob(databaseUrl, orders);
const boss = new PgBoss({ connectionString: databaseUrl, max: 10 });
boss.on('error', (error) => console.error(error));

async function fill() {
  await boss.start();
  await boss.createQueue(QUEUE);
  const { rows } = await job.pool.query('SELECT id FROM orders ORDER BY id');
  for (let i = 0; i < rows.length; i += INSERT_BATCH) {
    const batch = rows.slice(i, i + INSERT_BATCH);
    await boss.insert(batch.map(({ id }) => ({ name: QUEUE, data: { id } })));
  }
}

/** Two fetchers, so that one batch is fetched and completed while the other is processed. */
async function work() {
  const options = { batchSize: BATCH, pollingIntervalSeconds: 0.5 };
  const limited = limit(concurrency);
  for (let i = 0; i < FETCHERS; i++) {
    const worker = await boss.work(QUEUE, options, async (jobs) => {
      await Promise.all(jobs.map(({ data }) => limited(() => job.run(data.id))));
      // Fetches the next batch immediately: otherwise the fetcher would wait for its polling interval.
      boss.notifyWorker(worker);
    });
  }
}

/** Runs at most `slots` jobs concurrently. */
function limit(slots) {
  const waiting = [];
  return async (run) => {
    if (slots === 0) await new Promise((resolve) => waiting.push(resolve));
    else slots -= 1;
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else slots += 1;
    }
  };
}

await drainInTwoSteps(fill, work, job.done);
