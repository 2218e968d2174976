import { readDatabaseClock } from '../lib/database-clock.mjs';
import { HttpConnection } from '../lib/http-connection.mjs';
import { CREATE_ORDER } from '../lib/load.mjs';
import { inBench } from '../lib/paths.mjs';
import { received, startRival, startService, stop } from '../lib/processes.mjs';
import { percentile } from '../lib/statistics.mjs';
import { sleep } from '../lib/time.mjs';

const LIMIT_MS = 60_000;
const LOOPS = 3;
const EVERY_MS = 20;

/**
 * The time until an idle worker starts on an order, one order at a time, measured from the response to the caller. The
 * figure with the target compares the commit of our claim with the start of graphile-worker's handler: the first moments
 * at which either shows that the order is being processed. The other rows compare both at the same step.
 */
export async function pickUp(bench) {
  const count = bench.quick ? 50 : 200;
  const database = await bench.postgres.createServiceDatabase();
  const plain = await bench.postgres.createPlainDatabase();
  const settings = { WORKER_COUNT: String(LOOPS), PROCESSING_MIN_MS: '0', PROCESSING_MAX_MS: '0' };
  const service = await startService(database.url, settings);
  const task = { databaseUrl: plain.url, loops: LOOPS };
  const rival = startRival(inBench('rivals/graphile-pick-up.mjs'), task);
  await received(rival, 'ready', LIMIT_MS);
  const contenders = {
    ours: () => ourPickUps(database, service.url, count),
    graphile: () => rivalPickUps(rival, count),
  };
  try {
    for (const measure of Object.values(contenders)) await measure();
    report(
      bench.results,
      await bench.interleave(Object.keys(contenders), (name) => contenders[name]()),
    );
  } finally {
    await stop(service.child);
    rival.kill('SIGKILL');
    await database.drop();
    await plain.drop();
  }
}

async function ourPickUps(database, url, count) {
  const now = await readDatabaseClock((text) => database.query(text));
  const connection = await HttpConnection.open(url);
  const answeredAt = new Map();
  for (let i = 0; i < count; i++) {
    const { body } = await connection.request(CREATE_ORDER);
    const at = now();
    answeredAt.set(JSON.parse(body.toString()).order_id, at);
    await sleep(EVERY_MS);
  }
  connection.close();
  const claims = await database.query(CLAIMS, [[...answeredAt.keys()]]);
  if (claims.length !== count)
    throw new Error(`Only ${claims.length} of ${count} orders were claimed`);
  return claims.map(({ id, begun, committed, accepted }) => ({
    toClaimBegun: begun - answeredAt.get(id),
    toClaim: committed - answeredAt.get(id),
    commits: committed - accepted,
  }));
}

const CLAIMS = `
  SELECT a.order_id::int AS id, extract(epoch FROM c.created_at)::float8 * 1000 AS begun,
    extract(epoch FROM pg_xact_commit_timestamp(c.tx::text::xid8::xid))::float8 * 1000 AS committed,
    extract(epoch FROM pg_xact_commit_timestamp(a.tx::text::xid8::xid))::float8 * 1000 AS accepted
  FROM order_events a JOIN order_events c ON c.order_id = a.order_id
  WHERE a.order_id = ANY($1) AND a.from_status IS NULL AND c.to_status = 'PROCESSING'`;

async function rivalPickUps(rival, count) {
  const measured = received(rival, 'measured', LIMIT_MS);
  rival.send({ type: 'measure', count, everyMs: EVERY_MS });
  return (await measured).pickUps;
}

function report(results, { ours, graphile }) {
  const add = (figure, rounds, key, share) => results.add(figure, 'ms', of(rounds, key, share));
  const names = Object.entries({ ours, 'graphile-worker': graphile });
  for (const [name, rounds] of names) {
    add(`answer to claim: ${name}, p50`, rounds, 'toClaim', 0.5);
    add(`answer to claim: ${name}, p99`, rounds, 'toClaim', 0.99);
  }
  const target = { is: 'at most', than: 0.5 };
  const ourClaims = of(ours, 'toClaim', 0.5);
  const theirStarts = of(graphile, 'toStart', 0.5);
  const theirClaims = of(graphile, 'toClaim', 0.5);
  results.addRatio(
    "our claim / start of graphile-worker's handler, p50",
    ourClaims,
    theirStarts,
    target,
  );
  results.addRatio("our claim / graphile-worker's claim, p50", ourClaims, theirClaims);
  for (const [name, rounds] of names) {
    add(`answer to start of the claim: ${name}, p50`, rounds, 'toClaimBegun', 0.5);
    add(`accepting commit to claiming commit: ${name}, p50`, rounds, 'commits', 0.5);
  }
  add('answer to start of the handler: graphile-worker, p50', graphile, 'toStart', 0.5);
}

const of = (rounds, key, share) =>
  rounds.map((pickUps) =>
    percentile(
      pickUps.map((one) => one[key]),
      share,
    ),
  );
