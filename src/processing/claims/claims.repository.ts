import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service';
import type { Claim, Rescued, Turn, TurnResult } from './claim';
import type { OrderStatus } from '../../common/order-status';

/**
 * The status that an order takes when its work has not completed: a cancel that was asked for meanwhile comes
 * before another attempt, and before the failure.
 */
function unlessCancelled(status: string): string {
  return `CASE WHEN o.cancel_requested_at IS NOT NULL AND ${status} IN ('PENDING', 'FAILED')
          THEN 'CANCELLED' ELSE ${status} END::order_status`;
}

// The guards compare the status as text on purpose: as an enum it would fit a partial index over the whole
// backlog, and with stale statistics the planner would take that instead of the primary key.
//
// The arrays come by sub-select so that the planner does not look at their length: it would find a plan made for two
// rows better than the one that it keeps, and so plan each small batch anew, which takes longer than carrying it out.
const TURN = {
  name: 'orders_turn',
  text: `
    WITH settled AS (
      UPDATE orders o SET
        status = ${unlessCancelled('s.status')},
        claimed_by = NULL,
        started_at = CASE WHEN ${unlessCancelled('s.status')} <> 'PENDING' THEN o.started_at END,
        finished_at = CASE WHEN ${unlessCancelled('s.status')} <> 'PENDING' THEN now() END,
        next_attempt_at = now() + s.delay_ms * interval '1 millisecond',
        uncounted = o.uncounted + s.uncounted,
        last_error = coalesce(s.error, o.last_error)
      FROM unnest(
        (SELECT $1::bigint[]), (SELECT $2::integer[]), (SELECT $3::text[]), (SELECT $4::integer[]),
        (SELECT $5::integer[]), (SELECT $6::text[])
      ) AS s (id, attempt, status, delay_ms, uncounted, error)
      WHERE o.id = s.id AND o.attempt = s.attempt AND o.claimed_by = $7::uuid
        AND o.status::text = 'PROCESSING'
      RETURNING o.id, o.attempt, o.uncounted
    ), claimed AS (
      UPDATE orders o SET
        status = 'PROCESSING', attempt = o.attempt + 1, claimed_by = $7::uuid, started_at = now()
      FROM unnest((SELECT $8::bigint[])) AS c (id)
      WHERE o.id = c.id AND o.status::text = 'PENDING' AND o.next_attempt_at <= now()
      RETURNING o.id, o.attempt, o.uncounted
    )
    SELECT true AS settled, id, attempt, uncounted FROM settled
    UNION ALL
    SELECT false, id, attempt, uncounted FROM claimed`,
};

const FIND_READY = {
  name: 'orders_find_ready',
  text: `
    SELECT id FROM orders WHERE status = 'PENDING' AND next_attempt_at <= now()
    ORDER BY next_attempt_at, id LIMIT $1`,
};

const NEXT_DUE = {
  name: 'orders_next_due',
  text: `
    SELECT (extract(epoch FROM next_attempt_at - now()) * 1000)::float8 AS ms FROM orders
    WHERE status = 'PENDING' AND next_attempt_at > now() ORDER BY next_attempt_at LIMIT 1`,
};

const LONGEST_WAIT = {
  name: 'orders_longest_wait',
  text: `
    SELECT extract(epoch FROM now() - next_attempt_at)::float8 AS seconds FROM orders
    WHERE status = 'PENDING' AND next_attempt_at <= now() ORDER BY next_attempt_at, id LIMIT 1`,
};

// A claim and its node's heartbeat row are read in one snapshot: a node beats before it claims, so a claim that is
// seen belongs to a node that is seen. SKIP LOCKED: whoever holds the row is settling it, or rescues it as well.
const RESCUE = {
  name: 'orders_rescue',
  text: `
    UPDATE orders o SET
      status = ${unlessCancelled('lost.status')},
      claimed_by = NULL,
      started_at = CASE WHEN ${unlessCancelled('lost.status')} <> 'PENDING' THEN o.started_at END,
      finished_at = CASE WHEN ${unlessCancelled('lost.status')} <> 'PENDING' THEN now() END,
      next_attempt_at = now(),
      last_error = lost.reason
    FROM (
      SELECT id, attempt, claimed_by,
        CASE WHEN attempt - uncounted >= $4 THEN 'FAILED' ELSE 'PENDING' END AS status,
        CASE WHEN started_at < now() - $2 * interval '1 millisecond'
          THEN 'attempt ' || attempt || ' took too long, its claim was taken away'
          ELSE 'the node that worked on attempt ' || attempt || ' died' END AS reason
      FROM orders
      WHERE status = 'PROCESSING' AND (
        started_at < now() - $2 * interval '1 millisecond'
        OR NOT EXISTS (
          SELECT FROM processing_nodes n
          WHERE n.id = orders.claimed_by AND n.heartbeat_at >= now() - $1 * interval '1 millisecond'))
      ORDER BY started_at, id LIMIT $3
      FOR UPDATE SKIP LOCKED
    ) AS lost
    WHERE o.id = lost.id AND o.attempt = lost.attempt AND o.status::text = 'PROCESSING'
    RETURNING o.id, o.attempt, lost.claimed_by, o.status`,
};

const HELD = {
  name: 'orders_held',
  text: `
    SELECT o.id, o.cancel_requested_at IS NOT NULL AS cancelled
    FROM unnest($1::bigint[], $2::integer[]) AS held (id, attempt)
    JOIN orders o ON o.id = held.id
    WHERE o.attempt = held.attempt AND o.claimed_by = $3 AND o.status::text = 'PROCESSING'`,
};

// A claim whose answer was lost on the way: it was committed, but no loop knows of it. Only claims older than any
// answer can still be on its way count.
const RELEASE_UNKNOWN = {
  name: 'orders_release_unknown',
  text: `
    UPDATE orders o SET
      status = ${unlessCancelled("'PENDING'")},
      claimed_by = NULL,
      started_at = NULL,
      finished_at = CASE WHEN ${unlessCancelled("'PENDING'")} <> 'PENDING' THEN now() END,
      uncounted = o.uncounted + 1,
      next_attempt_at = now()
    WHERE o.status = 'PROCESSING' AND o.claimed_by = $1 AND o.id <> ALL($2::bigint[])
      AND o.started_at < now() - $3 * interval '1 millisecond'
    RETURNING o.id`,
};

/** The statements that move an order while it is worked off. Zero rows means: somebody else has moved it. */
@Injectable()
export class ClaimsRepository {
  constructor(private readonly database: Database) {}

  /** Carries out the turns of one node in one statement; the results are in their order. */
  async turn(turns: readonly Turn[]): Promise<TurnResult[]> {
    // In the order of ids, so that two batches that meet the same rows lock them in the same order.
    const settlements = turns
      .filter((turn) => 'settle' in turn)
      .sort((a, b) => a.settle.orderId - b.settle.orderId);
    const claims = turns.filter((turn) => 'claim' in turn).map(({ claim }) => claim);
    const rows = await this.database.query<{
      settled: boolean;
      id: string;
      attempt: number;
      uncounted: number;
    }>(TURN, [
      settlements.map(({ settle }) => settle.orderId),
      settlements.map(({ settle }) => settle.attempt),
      settlements.map(({ outcome }) => outcome.status),
      settlements.map(({ outcome }) => ('delayMs' in outcome ? outcome.delayMs : 0)),
      settlements.map(({ outcome }) => ('released' in outcome ? 1 : 0)),
      settlements.map(({ outcome }) => ('error' in outcome ? outcome.error : null)),
      turns[0]?.nodeId,
      claims.sort((a, b) => a - b),
    ]);
    const settled = new Map<number, number>();
    const claimed = new Map<number, Claim>();
    for (const { settled: isSettled, id, attempt, uncounted } of rows) {
      const orderId = Number(id);
      if (isSettled) settled.set(orderId, attempt);
      else claimed.set(orderId, { orderId, attempt, uncounted });
    }
    return turns.map((turn) =>
      'settle' in turn
        ? { settled: settled.get(turn.settle.orderId) === turn.settle.attempt, claim: undefined }
        : { settled: false, claim: pick(claimed, turn.claim) },
    );
  }

  /** @returns at most `limit` ids of orders that are due, those that wait longest first */
  async findReady(limit: number): Promise<number[]> {
    const rows = await this.database.query<{ id: string }>(FIND_READY, [limit]);
    return rows.map(({ id }) => Number(id));
  }

  /** @returns milliseconds until the next order that is not due yet becomes so; undefined when none waits */
  async msUntilNextDue(): Promise<number | undefined> {
    const [row] = await this.database.query<{ ms: number }>(NEXT_DUE, []);
    return row?.ms;
  }

  /** @returns seconds since the first order in line became due; null when none waits */
  async longestWaitSeconds(): Promise<number | null> {
    const [row] = await this.database.query<{ seconds: number }>(LONGEST_WAIT, []);
    return row?.seconds ?? null;
  }

  /** Takes at most `limit` claims from dead nodes, and claims that are too old from whoever holds them. */
  async rescue(
    leaseMs: number,
    staleAfterMs: number,
    limit: number,
    maxAttempts: number,
  ): Promise<Rescued[]> {
    const rows = await this.database.query<{
      id: string;
      attempt: number;
      claimed_by: string;
      status: OrderStatus;
    }>(RESCUE, [leaseMs, staleAfterMs, limit, maxAttempts]);
    return rows.map(({ id, attempt, claimed_by, status }) => ({
      orderId: Number(id),
      attempt,
      nodeId: claimed_by,
      status,
    }));
  }

  /** @returns those of the claims that the node still holds: by order id, whether a cancel was asked for */
  async findHeld(claims: readonly Claim[], nodeId: string): Promise<Map<number, boolean>> {
    const rows = await this.database.query<{ id: string; cancelled: boolean }>(HELD, [
      claims.map(({ orderId }) => orderId),
      claims.map(({ attempt }) => attempt),
      nodeId,
    ]);
    return new Map(rows.map(({ id, cancelled }) => [Number(id), cancelled]));
  }

  /** Gives back what is claimed in the node's name for longer than `olderThanMs`, but is none of `known`. */
  async releaseUnknown(
    nodeId: string,
    known: readonly number[],
    olderThanMs: number,
  ): Promise<number[]> {
    const rows = await this.database.query<{ id: string }>(RELEASE_UNKNOWN, [
      nodeId,
      known,
      olderThanMs,
    ]);
    return rows.map(({ id }) => Number(id));
  }
}

/** Each claim goes to one caller only, though two may have asked for the same order in the same batch. */
function pick(claimed: Map<number, Claim>, orderId: number): Claim | undefined {
  const claim = claimed.get(orderId);
  claimed.delete(orderId);
  return claim;
}
