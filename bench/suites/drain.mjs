import { insertPending } from '../lib/orders.mjs';
import { inBench } from '../lib/paths.mjs';
import { received, startRival, startService, stop } from '../lib/processes.mjs';
import { until } from '../lib/time.mjs';

const LIMIT_MS = 300_000;

const RIVALS = {
  'graphile-worker': { file: 'rivals/graphile-worker.mjs', localQueue: false },
  'graphile-worker, local queue': { file: 'rivals/graphile-worker.mjs', localQueue: true },
  'pg-boss, batches of 100': { file: 'rivals/pg-boss.mjs' },
  'BullMQ on Redis': { file: 'rivals/bullmq.mjs', redis: true },
};

/** So many that each contender works for several seconds. */
const LOADS = [
  { loops: 50, ours: 60_000, rivals: 12_000, target: 4 },
  { loops: 3, ours: 10_000, rivals: 8_000, target: 1.3 },
];

/** Orders a second from PENDING to COMPLETED if the work itself takes no time. */
export async function drain(bench) {
  for (const load of LOADS) {
    const share = bench.quick ? 0.25 : 1;
    await drainAt(bench, { ...load, ours: load.ours * share, rivals: load.rivals * share });
  }
}

async function drainAt(bench, load) {
  const { results, redis, before } = bench;
  const label = (name) => `${load.loops} loops: ${name}`;
  const rivals = Object.keys(RIVALS).filter((name) => redis || !RIVALS[name].redis);
  const services = { ours: undefined, ...(before && { [`commit ${before.hash}`]: before }) };
  const measured = await bench.interleave([...Object.keys(services), ...rivals], (name) =>
    name in services ? drainService(bench, load, services[name]) : drainRival(bench, name, load),
  );
  for (const [name, values] of Object.entries(measured)) {
    results.add(label(name), 'orders/s', values);
  }
  if (!redis) results.skip(label('BullMQ on Redis'), 'no redis-server on the PATH');
  const { ours } = measured;
  const best = ours.map((_, round) => Math.max(...rivals.map((name) => measured[name][round])));
  const target = { is: 'at least', than: load.target };
  results.addRatio(label("ours / the round's best rival"), ours, best, target);
  if (!before) return;
  const name = `commit ${before.hash}`;
  results.addRatio(label(`ours / ${name}`), ours, measured[name]);
}

/** @param {import('../lib/other-commit.mjs').OtherCommit | undefined} before undefined for this commit */
async function drainService({ postgres }, { loops, ours: orders }, before) {
  const database = await postgres.createServiceDatabase(before);
  try {
    await insertPending(database, orders);
    await database.settle();
    const settings = {
      WORKER_COUNT: String(loops),
      PROCESSING_MIN_MS: '0',
      PROCESSING_MAX_MS: '0',
    };
    const service = await startService(database.url, settings, before?.main);
    await until(() => allCompleted(database), {
      limitMs: LIMIT_MS,
      what: 'all orders are completed',
    });
    await stop(service.child);
    return await speed(database, orders);
  } finally {
    await database.drop();
  }
}

async function allCompleted(database) {
  const [{ open }] = await database.query(
    'SELECT sum(pending + processing)::int AS open FROM order_status_counters',
  );
  return open === 0 ? true : undefined;
}

async function drainRival({ postgres, redis }, name, { loops, rivals: orders }) {
  const { file, localQueue } = RIVALS[name];
  const database = await postgres.createPlainDatabase();
  const { url: databaseUrl } = database;
  try {
    await insertPending(database, orders);
    const connection = {
      databaseUrl,
      redisPort: redis?.port,
      queue: new URL(databaseUrl).pathname,
    };
    const task = { ...connection, orders, concurrency: loops, localQueue };
    const rival = startRival(inBench(file), task);
    await received(rival, 'filled', LIMIT_MS);
    await database.settle();
    const done = received(rival, 'done', LIMIT_MS);
    rival.send({ type: 'work' });
    await done;
    rival.kill('SIGKILL');
    return await speed(database, orders);
  } finally {
    await database.drop();
  }
}

/** From the first claim to the last completion, by the database's clock. All orders must be completed. */
async function speed(database, orders) {
  const [{ completed, seconds }] = await database.query(`
    SELECT count(*)::int AS completed,
      extract(epoch FROM max(finished_at) - min(started_at))::float8 AS seconds
    FROM orders WHERE status = 'COMPLETED' AND last_error IS NULL AND item_prices = '{}'`);
  if (completed !== orders) throw new Error(`Only ${completed} of ${orders} orders were completed`);
  return orders / seconds;
}
