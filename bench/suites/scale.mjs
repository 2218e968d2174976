import { cpus } from 'node:os';
import { insertPending } from '../lib/orders.mjs';
import { startService, stop } from '../lib/processes.mjs';
import { sleep } from '../lib/time.mjs';

const NODES = [1, 2, 4];
const LOOPS = 50;
const WORK_MS = 100;
const NODE_LIMIT = (LOOPS * 1_000) / WORK_MS;

/** Worker nodes on one database, each with 50 loops on work that takes 100 ms: at most 500 orders/s per node. */
export async function scale(bench) {
  const { results } = bench;
  const measured = await bench.interleave(NODES.map(String), (nodes) =>
    completedPerSecond(bench, Number(nodes)),
  );
  for (const nodes of NODES) {
    const values = measured[String(nodes)];
    results.add(`nodes: ${nodes}`, 'orders/s', values);
    results.add(
      `nodes: ${nodes}, share of the ${nodes * NODE_LIMIT} that their loops allow`,
      '×',
      values.map((perSecond) => perSecond / (nodes * NODE_LIMIT)),
    );
  }
  console.log(`  the other limit is the ${cpus().length} cores that nodes and database share`);
}

async function completedPerSecond({ postgres, quick }, count) {
  const seconds = quick ? 3 : 8;
  const database = await postgres.createServiceDatabase();
  const nodes = [];
  try {
    // Enough for twice the measured time, since the nodes also process orders while they start.
    await insertPending(database, count * NODE_LIMIT * (seconds + 15));
    await database.settle();
    const starting = Array.from({ length: count }, () => startNode(database));
    for (const node of await Promise.all(starting)) nodes.push(node.child);
    await sleep(1_000);
    const from = await completed(database);
    await sleep(seconds * 1_000);
    const to = await completed(database);
    return (to.orders - from.orders) / (to.at - from.at);
  } finally {
    await Promise.all(nodes.map(stop));
    await database.drop();
  }
}

function startNode(database) {
  return startService(database.url, {
    WORKER_COUNT: String(LOOPS),
    PROCESSING_MIN_MS: String(WORK_MS),
    PROCESSING_MAX_MS: String(WORK_MS),
    SHUTDOWN_DRAIN_MS: '1000',
  });
}

/** By the database's clock, in seconds. */
async function completed(database) {
  const [counted] = await database.query(
    `SELECT sum(completed)::int AS orders, extract(epoch FROM now())::float8 AS at
     FROM order_status_counters`,
  );
  return counted;
}
