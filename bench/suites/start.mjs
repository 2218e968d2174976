import { CREATE_ORDER, load } from '../lib/load.mjs';
import { insertPending } from '../lib/orders.mjs';
import { cpuSeconds, residentMb, startService, stop } from '../lib/processes.mjs';
import { sleep, until, wallClockMs } from '../lib/time.mjs';

const BACKLOG = 1_000_000;
const CONNECTIONS = 64;
const LIMIT_MS = 60_000;
const SAMPLE_MS = 100;

/** Targets for a start that loads only the modules it needs. */
const REST_TARGETS = { cpu: { is: 'at most', than: 1.7 }, mb: { is: 'at most', than: 120 } };

/** A process that uses at most this much processor time within REST_WINDOW_MS is at rest: its timers only. */
const REST_CPU_SECONDS = 0.02;
const REST_WINDOW_MS = 500;

/**
 * The time from the start of the process to its first claim, the processor time until it is at rest, and its memory: at
 * rest, with a backlog, and under load.
 */
export async function start(bench) {
  const { before } = bench;
  const backlog = bench.quick ? BACKLOG / 10 : BACKLOG;
  const watchMs = bench.quick ? 4_000 : 15_000;
  const sides = { none: await withPending(bench, 1), backlog: await withPending(bench, backlog) };
  if (before) sides.before = await withPending(bench, 1, before);
  try {
    const measures = {
      none: () => startBeside(sides.none, watchMs),
      backlog: () => startBeside(sides.backlog, watchMs),
      load: () => underLoad(bench, watchMs),
      ...(before && { before: () => startBeside(sides.before, watchMs, before.main) }),
    };
    const measured = await bench.interleave(Object.keys(measures), (name) => measures[name]());
    report(bench.results, measured, backlog);
    if (before) compare(bench.results, measured, before);
  } finally {
    for (const database of Object.values(sides)) await database.drop();
  }
}

async function withPending({ postgres }, count, before) {
  const database = await postgres.createServiceDatabase(before);
  await insertPending(database, count);
  await database.settle();
  return database;
}

async function startBeside(database, watchMs, main) {
  // The orders of the previous round may be completed, and there must be an order to claim.
  await insertPending(database, 1);
  const [{ tx }] = await database.query('SELECT pg_current_xact_id()::text AS tx');
  const startedAt = wallClockMs();
  const { child } = await startService(database.url, { SHUTDOWN_DRAIN_MS: '0' }, main);
  try {
    const firstClaim = () => claimedSince(database, tx);
    const claimedAt = await until(firstClaim, { limitMs: LIMIT_MS, what: 'the first claim' });
    const cpu = await cpuToRest(child);
    return { claimMs: claimedAt - startedAt, cpu, mb: await memoryOver(child, watchMs) };
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

/** The processor time from the start of a process until it is at rest; NaN if it does not come to rest. */
async function cpuToRest(child) {
  const deadline = performance.now() + LIMIT_MS;
  for (let used = cpuSeconds(child); performance.now() < deadline;) {
    await sleep(REST_WINDOW_MS);
    const now = cpuSeconds(child);
    if (now - used <= REST_CPU_SECONDS) return now;
    used = now;
  }
  return Number.NaN;
}

/** The maximum memory in the last third of the time: memory that only the start needs is released by then. */
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
  results.add('start to first claim, one order pending', 'ms', of(none, 'claimMs'));
  results.add(`start to first claim, ${orders} pending`, 'ms', of(backlog, 'claimMs'));
  results.add('additional time with the backlog', 'ms', more('claimMs'), {
    is: 'under',
    than: 2_000,
  });
  results.add('processor time from the start to rest', 's', of(none, 'cpu'), REST_TARGETS.cpu);
  results.add('memory at rest', 'MB', of(none, 'mb'), REST_TARGETS.mb);
  results.add('memory under load, 64 connections', 'MB', of(loaded, 'mb'));
  results.add(`memory with ${orders} pending`, 'MB', of(backlog, 'mb'));
  results.add('additional memory with the backlog', 'MB', more('mb'), { is: 'under', than: 32 });
}

function compare(results, { none, before: other }, { hash }) {
  const of = (rounds, key) => rounds.map((round) => round[key]);
  const figures = { 'start to first claim': 'claimMs', 'processor time': 'cpu', memory: 'mb' };
  const units = { claimMs: 'ms', cpu: 's', mb: 'MB' };
  for (const [figure, key] of Object.entries(figures)) {
    results.add(`commit ${hash}: ${figure}`, units[key], of(other, key));
    results.addRatio(`${figure}: ours / commit ${hash}`, of(none, key), of(other, key));
  }
}
