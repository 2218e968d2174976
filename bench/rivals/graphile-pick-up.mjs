import { Logger, run, runMigrations } from 'graphile-worker';
import { setTimeout as sleep } from 'node:timers/promises';
import { readDatabaseClock } from '../lib/database-clock.mjs';
import { Pool } from '../lib/pg.mjs';
import { say, task, told } from './talk.mjs';

const { databaseUrl, loops } = task;
const pool = new Pool({ connectionString: databaseUrl, max: 10 });
const logger = new Logger(() => () => undefined);

const query = async (text, values) => (await pool.query(text, values)).rows;

/** By id of the job: when its handler started, and the contents of its row at that time. */
const starts = new Map();
let now = await readDatabaseClock(query);

async function handle(_payload, { job }) {
  const startedAt = now();
  // While the handler runs, the row's last writer is the claim.
  const [claim] = await query(
    `SELECT xmin::text AS tx, extract(epoch FROM locked_at)::float8 * 1000 AS at
     FROM graphile_worker._private_jobs WHERE id = $1`,
    [job.id],
  );
  starts.set(job.id, { startedAt, claim });
}

/** Adds jobs one at a time, with a pause in which the previous one completes. */
async function measure({ count, everyMs }) {
  now = await readDatabaseClock(query);
  const added = [];
  for (let i = 0; i < count; i++) {
    const { rows } = await pool.query({
      name: 'add',
      text: `SELECT id, pg_current_xact_id()::xid::text AS tx FROM graphile_worker.add_job('order', '{}')`,
    });
    added.push({ ...rows[0], answeredAt: now() });
    await sleep(everyMs);
  }
  return Promise.all(added.map(pickUpOf));
}

async function pickUpOf({ id, tx, answeredAt }) {
  const { startedAt, claim } = starts.get(id);
  const accepted = await committedAt(tx);
  const committed = await committedAt(claim.tx);
  return {
    toClaimBegun: claim.at - answeredAt,
    toClaim: committed - answeredAt,
    toStart: startedAt - answeredAt,
    commits: committed - accepted,
  };
}

async function committedAt(tx) {
  const [{ ms }] = await query(
    `SELECT extract(epoch FROM pg_xact_commit_timestamp($1::text::xid))::float8 * 1000 AS ms`,
    [tx],
  );
  return ms;
}

await runMigrations({ connectionString: databaseUrl, logger });
await run({
  preset: { worker: { connectionString: databaseUrl, concurrentJobs: loops, maxPoolSize: 10 } },
  taskList: { order: handle },
  noHandleSignals: true,
  logger,
});
say('ready');
for (;;) say('measured', { pickUps: await measure(await told('measure')) });
