import { Statement } from '../../database/statement';
import type { OrderStatus } from '../../common/order-status';

/**
 * The status that an order takes when its work has not completed. A cancellation that was requested meanwhile takes
 * precedence over another attempt and over the failure.
 *
 * @param status an SQL expression: the status without a cancellation
 */
function unlessCancelled(status: string): string {
  return `CASE WHEN o.cancel_requested_at IS NOT NULL AND ${status} IN ('PENDING', 'FAILED')
          THEN 'CANCELLED' ELSE ${status} END::order_status`;
}

/** The first six are parallel: one element for each claim to settle. The last lists orders to claim. */
export type StepParams = readonly [
  orderIds: readonly number[],
  attempts: readonly number[],
  statuses: readonly OrderStatus[],
  delaysMs: readonly number[],
  freeAttempts: readonly number[],
  errors: readonly (string | null)[],
  nodeId: string,
  claimedIds: readonly number[],
];

/** A claim that was settled, or one that was made. */
export type StepRow =
  | { readonly settled: true; readonly id: number; readonly attempt: number }
  | {
      readonly settled: false;
      readonly id: number;
      readonly attempt: number;
      readonly free_attempts: number;
      readonly user_id: number;
      readonly item_ids: number[];
      readonly total_amount: string;
      readonly created_ms: number;
    };

/**
 * Settles claims of a node and claims orders for it. An order that is not in the result was not moved: another node
 * has moved it, it is not due, or another transaction holds a lock on it. Orders are locked first, and those that are
 * locked already are passed over (SKIP LOCKED): none of them delays the others (invariant I11).
 *
 * The ids alone find the orders (`id = ANY`), and their places in the table (`ctid`) are what the updates join by. A join
 * by id could be planned as a merge with a scan of the whole primary key, by statistics that say that the table is
 * small; and `id = ANY` beside such a join would search the list again for each order. An order that changes between the
 * statement's snapshot and its lock is at another place then and is not updated: the caller takes it for a locked one.
 *
 * The guards compare the status as text: as an enum they would match a partial index over the whole backlog, and with
 * stale statistics the planner would take that index instead of the primary key.
 *
 * The arrays come by sub-select so that the planner does not see their length. With a known length it would find a plan
 * made for two rows cheaper than the prepared one, and so plan each small batch again, which takes longer than running it.
 */
export const STEP = new Statement<StepParams, StepRow>(
  'orders_step',
  `
    WITH settling AS MATERIALIZED (
      SELECT o.ctid AS place, o.id, o.attempt
      FROM orders o
      WHERE o.id = ANY((SELECT $1::bigint[])::bigint[])
        AND o.claimed_by = $7::uuid AND o.status::text = 'PROCESSING'
      ORDER BY o.id
      FOR NO KEY UPDATE SKIP LOCKED
    ), settled AS (
      UPDATE orders o SET
        status = ${unlessCancelled('s.status')},
        claimed_by = NULL,
        started_at = CASE WHEN ${unlessCancelled('s.status')} <> 'PENDING' THEN o.started_at END,
        finished_at = CASE WHEN ${unlessCancelled('s.status')} <> 'PENDING' THEN now() END,
        next_attempt_at = now() + s.delay_ms * interval '1 millisecond',
        free_attempts = o.free_attempts + s.free_attempts,
        last_error = coalesce(s.error, o.last_error)
      FROM settling JOIN unnest(
        (SELECT $1::bigint[]), (SELECT $2::integer[]), (SELECT $3::text[]), (SELECT $4::integer[]),
        (SELECT $5::integer[]), (SELECT $6::text[])
      ) AS s (id, attempt, status, delay_ms, free_attempts, error)
        ON s.id = settling.id AND s.attempt = settling.attempt
      WHERE o.ctid = settling.place
        AND o.attempt = s.attempt AND o.claimed_by = $7::uuid AND o.status::text = 'PROCESSING'
      RETURNING o.id, o.attempt
    ), claiming AS MATERIALIZED (
      SELECT o.ctid AS place FROM orders o
      WHERE o.id = ANY((SELECT $8::bigint[])::bigint[])
        AND o.status::text = 'PENDING' AND o.next_attempt_at <= now()
      ORDER BY o.id
      FOR NO KEY UPDATE SKIP LOCKED
    ), claimed AS (
      UPDATE orders o SET
        status = 'PROCESSING', attempt = o.attempt + 1, claimed_by = $7::uuid, started_at = now()
      FROM claiming
      WHERE o.ctid = claiming.place AND o.status::text = 'PENDING' AND o.next_attempt_at <= now()
      RETURNING o.id, o.attempt, o.free_attempts, o.user_id, o.item_ids, o.total_amount,
        (extract(epoch FROM o.created_at) * 1000)::float8 AS created_ms
    )
    SELECT true AS settled, id, attempt, NULL::integer AS free_attempts, NULL::integer AS user_id,
      NULL::integer[] AS item_ids, NULL::numeric AS total_amount, NULL::float8 AS created_ms
    FROM settled
    UNION ALL
    SELECT false, id, attempt, free_attempts, user_id, item_ids, total_amount, created_ms FROM claimed`,
);

/** The first orders that are due, those that wait longest first. */
export const FIND_READY = new Statement<[limit: number], { readonly id: number }>(
  'orders_find_ready',
  `
    SELECT id FROM orders WHERE status = 'PENDING' AND next_attempt_at <= now()
    ORDER BY next_attempt_at, id LIMIT $1`,
);

/** Milliseconds until the next order that is not due yet becomes due; no row when there is none. */
export const NEXT_DUE = new Statement<[], { readonly ms: number }>(
  'orders_next_due',
  `
    SELECT (extract(epoch FROM next_attempt_at - now()) * 1000)::float8 AS ms FROM orders
    WHERE status = 'PENDING' AND next_attempt_at > now() ORDER BY next_attempt_at LIMIT 1`,
);

/** Seconds since the order that waits longest became due; no row when none waits. */
export const LONGEST_WAIT = new Statement<[], { readonly seconds: number }>(
  'orders_longest_wait',
  `
    SELECT extract(epoch FROM now() - next_attempt_at)::float8 AS seconds FROM orders
    WHERE status = 'PENDING' AND next_attempt_at <= now() ORDER BY next_attempt_at, id LIMIT 1`,
);

/**
 * Takes claims away: of nodes without a heartbeat within the lease, and those older than the limit whatever their node
 * does. While heartbeats may be late, only a node without a row is lost.
 *
 * Claims and heartbeat rows are read in one snapshot. A node has its row before its first claim, so a statement that sees
 * a claim of a living node sees its row. SKIP LOCKED: the transaction that holds the row settles the claim, or rescues it
 * too.
 */
export const RESCUE = new Statement<
  [
    leaseMs: number,
    staleAfterMs: number,
    limit: number,
    maxAttempts: number,
    othersMayBeLate: boolean,
  ],
  {
    readonly id: number;
    readonly attempt: number;
    readonly claimed_by: string;
    readonly status: OrderStatus;
  }
>(
  'orders_rescue',
  `
    UPDATE orders o SET
      status = ${unlessCancelled('expired.status')},
      claimed_by = NULL,
      started_at = CASE WHEN ${unlessCancelled('expired.status')} <> 'PENDING' THEN o.started_at END,
      finished_at = CASE WHEN ${unlessCancelled('expired.status')} <> 'PENDING' THEN now() END,
      next_attempt_at = now(),
      last_error = expired.reason
    FROM (
      SELECT id, attempt, claimed_by,
        CASE WHEN attempt - free_attempts >= $4 THEN 'FAILED' ELSE 'PENDING' END AS status,
        'attempt ' || attempt || CASE WHEN started_at < now() - $2 * interval '1 millisecond'
          THEN ': claim expired' ELSE ': worker node lost' END AS reason
      FROM orders
      WHERE status = 'PROCESSING' AND (
        started_at < now() - $2 * interval '1 millisecond'
        OR NOT EXISTS (
          SELECT FROM processing_nodes n
          WHERE n.id = orders.claimed_by
            AND ($5::boolean OR n.heartbeat_at >= now() - $1 * interval '1 millisecond')))
      ORDER BY started_at, id LIMIT $3
      FOR UPDATE SKIP LOCKED
    ) AS expired
    WHERE o.id = expired.id AND o.attempt = expired.attempt AND o.status::text = 'PROCESSING'
    RETURNING o.id, o.attempt, expired.claimed_by, o.status`,
);

/** Those of the claims that the node still has, and whether their cancellation was requested. */
export const FIND_HELD = new Statement<
  [ids: readonly number[], attempts: readonly number[], nodeId: string],
  { readonly id: number; readonly cancelled: boolean }
>(
  'orders_find_held',
  `
    SELECT o.id, o.cancel_requested_at IS NOT NULL AS cancelled
    FROM unnest($1::bigint[], $2::integer[]) AS held (id, attempt)
    JOIN orders o ON o.id = held.id AND o.id = ANY((SELECT $1::bigint[])::bigint[])
    WHERE o.attempt = held.attempt AND o.claimed_by = $3 AND o.status::text = 'PROCESSING'`,
);

/** Releases the claims of a node that are none of the known ones and older than the given time. */
export const RELEASE_UNKNOWN = new Statement<
  [nodeId: string, knownIds: readonly number[], olderThanMs: number],
  { readonly id: number }
>(
  'orders_release_unknown',
  `
    UPDATE orders o SET
      status = ${unlessCancelled("'PENDING'")},
      claimed_by = NULL,
      started_at = NULL,
      finished_at = CASE WHEN ${unlessCancelled("'PENDING'")} <> 'PENDING' THEN now() END,
      free_attempts = o.free_attempts + 1,
      next_attempt_at = now()
    FROM (
      SELECT id, attempt FROM orders
      WHERE status = 'PROCESSING' AND claimed_by = $1 AND id <> ALL($2::bigint[])
        AND started_at < now() - $3 * interval '1 millisecond'
      FOR NO KEY UPDATE SKIP LOCKED
    ) AS unknown
    WHERE o.id = unknown.id AND o.attempt = unknown.attempt AND o.claimed_by = $1
    RETURNING o.id`,
);
