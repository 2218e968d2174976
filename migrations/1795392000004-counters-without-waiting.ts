import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * No writer waits for another transaction's counter row (invariant I11): it takes its connection's shard if that is free,
 * else any free one, else it adds one. A transaction that stays open, e.g. an operator's, holds the shard it has changed
 * and delays no other transaction by that.
 */
export class CountersWithoutWaiting1795392000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A shard that is added has the number 64 + process id of its backend, which no other backend has at that time.
    await runner.query(`ALTER TABLE order_status_counters ALTER COLUMN shard TYPE integer`);
    await runner.query(CREATE_FREE_SHARD);
    await replaceTriggers(runner, 'orders_free_shard()');
  }

  async down(runner: QueryRunner): Promise<void> {
    await replaceTriggers(runner, 'pg_backend_pid() % 64');
    await runner.query(`DROP FUNCTION orders_free_shard()`);
    await runner.query(FOLD_ADDED_SHARDS);
    await runner.query(`ALTER TABLE order_status_counters ALTER COLUMN shard TYPE smallint`);
  }
}

const CREATE_FREE_SHARD = `
  CREATE FUNCTION orders_free_shard() RETURNS integer LANGUAGE plpgsql AS $$
  DECLARE
    own integer := pg_backend_pid() % 64;
    added integer := 64 + pg_backend_pid();
    free integer;
  BEGIN
    SELECT shard INTO free FROM order_status_counters WHERE shard = own FOR UPDATE SKIP LOCKED;
    IF FOUND THEN RETURN free; END IF;
    SELECT shard INTO free FROM order_status_counters ORDER BY shard LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF FOUND THEN RETURN free; END IF;
    INSERT INTO order_status_counters (shard) VALUES (added) ON CONFLICT DO NOTHING;
    RETURN added;
  END $$`;

const FOLD_ADDED_SHARDS = `
  WITH added AS (DELETE FROM order_status_counters WHERE shard >= 64 RETURNING *)
  UPDATE order_status_counters c SET
    pending = c.pending + a.pending,
    processing = c.processing + a.processing,
    completed = c.completed + a.completed,
    failed = c.failed + a.failed,
    cancelled = c.cancelled + a.cancelled,
    processing_us = c.processing_us + a.processing_us,
    completion_us = c.completion_us + a.completion_us
  FROM (
    SELECT sum(pending) AS pending, sum(processing) AS processing, sum(completed) AS completed,
      sum(failed) AS failed, sum(cancelled) AS cancelled, sum(processing_us) AS processing_us,
      sum(completion_us) AS completion_us, count(*) AS rows
    FROM added
  ) AS a
  WHERE c.shard = 0 AND a.rows > 0`;

/** Adds the sums of `rows` (status, started_at, finished_at, created_at, weight) to one shard. */
function addToCounters(rows: string, shard: string): string {
  return `
    target := ${shard};
    UPDATE order_status_counters c SET
      pending = c.pending + d.pending,
      processing = c.processing + d.processing,
      completed = c.completed + d.completed,
      failed = c.failed + d.failed,
      cancelled = c.cancelled + d.cancelled,
      processing_us = c.processing_us + d.processing_us,
      completion_us = c.completion_us + d.completion_us
    FROM (
      SELECT
        coalesce(sum(weight) FILTER (WHERE status = 'PENDING'), 0) AS pending,
        coalesce(sum(weight) FILTER (WHERE status = 'PROCESSING'), 0) AS processing,
        coalesce(sum(weight) FILTER (WHERE status = 'COMPLETED'), 0) AS completed,
        coalesce(sum(weight) FILTER (WHERE status = 'FAILED'), 0) AS failed,
        coalesce(sum(weight) FILTER (WHERE status = 'CANCELLED'), 0) AS cancelled,
        coalesce(sum(weight * (extract(epoch FROM finished_at - started_at) * 1000000)::bigint)
          FILTER (WHERE status = 'COMPLETED'), 0)::bigint AS processing_us,
        coalesce(sum(weight * (extract(epoch FROM finished_at - created_at) * 1000000)::bigint)
          FILTER (WHERE status = 'COMPLETED'), 0)::bigint AS completion_us
      FROM (${rows}) AS r
    ) AS d
    WHERE c.shard = target;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'order_status_counters has lost a shard: insert the missing ones of 0 to 63';
    END IF;`;
}

function weigh(table: string, weight: number): string {
  return `SELECT status, started_at, finished_at, created_at, ${weight} AS weight FROM ${table}`;
}

/** @param shard an SQL expression: the shard that the change is added to */
async function replaceTriggers(runner: QueryRunner, shard: string): Promise<void> {
  const detail = `CASE WHEN n.status IN ('PENDING', 'FAILED') THEN n.last_error END`;
  const both = `${weigh('new_orders', 1)} UNION ALL ${weigh('old_orders', -1)}`;
  const bodies = {
    insert: `
      IF NOT EXISTS (SELECT FROM new_orders) THEN RETURN NULL; END IF;
      INSERT INTO order_events (order_id, to_status, attempt, detail)
        SELECT n.id, n.status, n.attempt, ${detail} FROM new_orders n ORDER BY n.id;
      ${addToCounters(weigh('new_orders', 1), shard)}`,
    update: `
      IF NOT EXISTS (SELECT FROM new_orders) THEN RETURN NULL; END IF;
      INSERT INTO order_events (order_id, from_status, to_status, attempt, detail)
        SELECT n.id, o.status, n.status, n.attempt, ${detail}
        FROM new_orders n JOIN old_orders o ON o.id = n.id
        WHERE o.status <> n.status ORDER BY n.id;
      ${addToCounters(both, shard)}`,
    delete: `
      IF NOT EXISTS (SELECT FROM old_orders) THEN RETURN NULL; END IF;
      ${addToCounters(weigh('old_orders', -1), shard)}`,
  };
  for (const [name, body] of Object.entries(bodies)) {
    await runner.query(`
      CREATE OR REPLACE FUNCTION orders_after_${name}() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        target integer;
      BEGIN
        ${body}
        RETURN NULL;
      END $$`);
  }
}
