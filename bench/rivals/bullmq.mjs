import { Queue, Worker } from 'bullmq';
import { OrderJob } from './order-job.mjs';
import { drainInTwoSteps, task } from './talk.mjs';

const { databaseUrl, redisPort, queue: name, orders, concurrency } = task;
const BATCH = 1_000;

const connection = { host: '127.0.0.1', port: redisPort, maxRetriesPerRequest: null };
const job = new OrderJob(databaseUrl, orders);
const options = { removeOnComplete: true, removeOnFail: true };

async function fill() {
  const queue = new Queue(name, { connection });
  const { rows } = await job.pool.query('SELECT id FROM orders ORDER BY id');
  for (let i = 0; i < rows.length; i += BATCH) {
    const batch = rows.slice(i, i + BATCH);
    await queue.addBulk(batch.map(({ id }) => ({ name: 'order', data: { id }, opts: options })));
  }
}

function work() {
  const worker = new Worker(name, ({ data }) => job.run(data.id), { connection, concurrency });
  worker.on('error', (error) => console.error(error));
}

await drainInTwoSteps(fill, work, job.done);
