import { get } from '../lib/http-connection.mjs';
import { CREATE_ORDER, openAll } from '../lib/load.mjs';
import { startService, stop } from '../lib/processes.mjs';
import { percentile } from '../lib/statistics.mjs';

const ORDERS = 1_000;
const LIVE = get('/health/live');

/** A thousand orders at the same moment, each on its own connection. */
export async function burst(bench) {
  const database = await bench.postgres.createServiceDatabase();
  const service = await startService(database.url);
  try {
    for (let i = 0; i < 3; i++) await sendAtOnce(service.url);
    const { ours } = await bench.interleave(['ours'], () => sendAtOnce(service.url));
    const { results } = bench;
    const of = (key) => ours.map((round) => round[key]);
    results.add('1,000 at once: accepted', 'orders', of('accepted'), {
      is: 'at least',
      than: ORDERS,
    });
    results.add('p50', 'ms', of('p50'));
    results.add('p99', 'ms', of('p99'));
    results.add('until all are accepted', 'ms', of('all'));
    results.addRatio('p99 / p50', of('p99'), of('p50'), { is: 'under', than: 2 });
  } finally {
    await stop(service.child);
    await database.drop();
  }
}

async function sendAtOnce(url) {
  const connections = await openAll(url, ORDERS);
  try {
    // A response proves that the server has accepted the connection.
    await Promise.all(connections.map((connection) => connection.request(LIVE)));
    const startedAt = performance.now();
    const answers = await Promise.all(
      connections.map(async (connection) => {
        const sentAt = performance.now();
        const { status } = await connection.request(CREATE_ORDER);
        return { status, ms: performance.now() - sentAt };
      }),
    );
    const all = performance.now() - startedAt;
    const latencies = answers.map(({ ms }) => ms);
    return {
      accepted: answers.filter(({ status }) => status === 201).length,
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      all,
    };
  } finally {
    for (const connection of connections) connection.close();
  }
}
