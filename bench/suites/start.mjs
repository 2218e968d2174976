import { CREATE_ORDER, load } from '../lib/load.mjs';
import { insertPending } from '../lib/orders.mjs';
import { residentMb, startService, stop } from '../lib/processes.mjs';
import { sleep, until, wallClockMs } from '../lib/time.mjs';

const BACKLOG = 1_000_000;
const CONNECTIONS = 64;
const LIMIT_MS = 60_000;
const SAMPLE_MS = 100;

/** From the start of the process to its first claim, and its memory: at rest, with a backlog, and under load. */
export async function start(bench) {
  const backlog = bench.quick ? BACKLOG / 10 : BACKLOG;
  const watchMs = bench.quick ? 4_000 : 15_000;
  const sides = { none: await withPending(bench, 1), backlog: await withPending(bench, backlog) };
  try {
    const measured = await bench.interleave(['none', 'backlog', 'load'], (name) =>
      name === 'load' ? underLoad(bench, watchMs) : startBeside(sides[name], watchMs),
    );
    report(bench.results, measured, backlog);
  } finally {
    for (const database of Object.values(sides)) await database.drop();
  }
}

async function withPending({ postgres }, count) {
  const database = await postgres.createServiceDatabase();
  await insertPending(database, count);
  await database.settle();
  return database;
}

async function startBeside(database, watchMs) {
  // There must be an order to claim, also where the ones before have been worked off.
  await insertPending(database, 1);
  const [{ tx }] = await database.query('SELECT pg_current_xact_id()::text AS tx');
  const startedAt = wallClockMs();
  const { child } = await startService(database.url, { SHUTDOWN_DRAIN_MS: '0' });
  try {
    const firstClaim = () => claimedSince(database, tx);
    const claimedAt = await until(firstClaim, { limitMs: LIMIT_MS, what: 'the first claim' });
    return { claimMs: claimedAt - startedAt, mb: await memoryOver(child, watchMs) };
  } finally {
    await stop(child);
  }
}

async function claimedSince(database, tx) {
  const [{ ms }] = await database.query(
    `SELECT extract(epoch FROM min(created_at))::float8 * 1000 AS ms FROM order_events
     WHERE tx > $1 AND to_status = 'PROCESSING'`,
    [tx],
  );
  return ms ?? undefined;
}

async function underLoad({ postgres }, forMs) {
  const database = await postgres.createServiceDatabase();
  const { child, url } = await startService(database.url);
  try {
    const create = { next: () => CREATE_ORDER, expect: 201 };
    const [mb] = await Promise.all([
      memoryOver(child, forMs),
      load({ url, connections: CONNECTIONS, forMs, ...create }),
    ]);
    return { mb };
  } finally {
    await stop(child);
    await database.drop();
  }
}

/** The most memory in the last third of a time: what was needed only to start is returned by then. */
async function memoryOver(child, forMs) {
  await sleep((forMs * 2) / 3);
  let most = 0;
  for (let left = forMs / 3; left > 0; left -= SAMPLE_MS) {
    most = Math.max(most, residentMb(child));
    await sleep(SAMPLE_MS);
  }
  return most;
}

function report(results, { none, backlog, load: loaded }, size) {
  const orders = size.toLocaleString('en-US');
  const of = (rounds, key) => rounds.map((round) => round[key]);
  const more = (key) => backlog.map((round, i) => round[key] - none[i][key]);
  results.add('start to first claim, one order waits', 'ms', of(none, 'claimMs'));
  results.add(`start to first claim, ${orders} wait`, 'ms', of(backlog, 'claimMs'));
  results.add('more with the backlog', 'ms', more('claimMs'), { is: 'under', than: 2_000 });
  results.add('memory at rest', 'MB', of(none, 'mb'));
  results.add('memory under load, 64 connections', 'MB', of(loaded, 'mb'));
  results.add(`memory while ${orders} wait`, 'MB', of(backlog, 'mb'));
  results.add('more memory with the backlog', 'MB', more('mb'), { is: 'under', than: 32 });
}
