import { Injectable } from '@nestjs/common';
import { GroupCommit } from '../../common/group-commit';
import { RetrySettings } from '../../config/retry.settings';
import { WorkerSettings } from '../../config/workers.settings';
import { mayIsolate } from '../../database/database-errors';
import { Database } from '../../database/database.service';
import type {
  Claim,
  InterruptedClaim,
  Outcome,
  RescuedClaim,
  SettleResult,
  Step,
  StepResult,
} from './claim';
import * as sql from './claims.sql';
import { toParams, toResults } from './steps';
import { NodeRegistry } from './node-registry';

/** Steps in one statement; bounds its time and memory. */
const MAX_STEPS = 256;

/** A second statement may run beside the first: it works on other orders. */
const MAX_STATEMENTS = 2;

/** Claims rescued by one statement: keeps its locks short, however many claims have expired. */
const RESCUE_BATCH = 500;

/**
 * Moves orders while they are processed: claim, settle, rescue, release. Each is one statement whose guards let it
 * change only what is still as it was observed (invariants I2 to I4). Claims are made in the name of this node.
 */
@Injectable()
export class ClaimsRepository {
  // A loop that settles one order and claims the next does both in one round trip.
  private readonly steps: GroupCommit<Step, StepResult>;

  constructor(
    private readonly database: Database,
    private readonly node: NodeRegistry,
    private readonly settings: WorkerSettings,
    private readonly retry: RetrySettings,
  ) {
    this.steps = new GroupCommit({
      commit: (steps) => this.take(steps),
      maxBatch: MAX_STEPS,
      maxInFlight: MAX_STATEMENTS,
      // Each loop has at most two steps under way: the settle of its last order and the claim of the next.
      maxWaiting: 2 * settings.workerCount,
      mayIsolate,
    });
  }

  /** @returns undefined when the order cannot be claimed: another node has it, it is not due, or it is locked */
  async claim(orderId: number): Promise<Claim | undefined> {
    const { claim } = await this.steps.add({ claimOrderId: orderId });
    return claim;
  }

  async settle(claim: Claim, outcome: Outcome): Promise<SettleResult> {
    const { settled } = await this.steps.add({ settle: claim, outcome });
    if (settled) return 'settled';
    // The statement passes over locked orders, so that none of them delays the others.
    return (await this.findHeld([claim])).size > 0 ? 'locked' : 'lost';
  }

  /** @returns at most `limit` ids of orders that are due, those that wait longest first */
  async findReady(limit: number): Promise<number[]> {
    const rows = await this.database.query(sql.FIND_READY, [limit]);
    return rows.map(({ id }) => id);
  }

  /** @returns milliseconds until the next order that is not due yet becomes due; undefined when there is none */
  async msUntilNextDue(): Promise<number | undefined> {
    const [row] = await this.database.query(sql.NEXT_DUE, []);
    return row?.ms;
  }

  /** @returns seconds since the order that waits longest became due; null when none waits */
  async longestWaitSeconds(): Promise<number | null> {
    const [row] = await this.database.query(sql.LONGEST_WAIT, []);
    return row?.seconds ?? null;
  }

  /**
   * Takes away all claims of lost nodes, and those older than STALE_AFTER_MS whichever node has them. A node whose
   * heartbeat may only be late is not lost, see {@link NodeRegistry.othersMayBeLate}.
   */
  async rescue(): Promise<RescuedClaim[]> {
    const { leaseMs, staleAfterMs } = this.settings;
    const rescued: RescuedClaim[] = [];
    for (;;) {
      const rows = await this.database.query(sql.RESCUE, [
        leaseMs,
        staleAfterMs,
        RESCUE_BATCH,
        this.retry.maxAttempts,
        this.node.othersMayBeLate,
      ]);
      for (const { id, attempt, claimed_by, status } of rows) {
        rescued.push({ orderId: id, attempt, nodeId: claimed_by, status });
      }
      if (rows.length < RESCUE_BATCH) return rescued;
    }
  }

  /** @returns those of the claims whose work must be aborted: this node has lost them, or they are to be cancelled */
  async findInterrupted(claims: readonly Claim[]): Promise<InterruptedClaim[]> {
    if (claims.length === 0) return [];
    const held = await this.findHeld(claims);
    return claims
      .filter(({ orderId }) => held.get(orderId) !== false)
      .map((claim) => ({ claim, why: held.has(claim.orderId) ? 'cancelled' : 'lost' }));
  }

  /**
   * Releases claims of this node that none of its loops knows: they were committed, but the answer to the loop was lost
   * with its connection. Only claims for which no answer can still arrive count.
   *
   * @param known the claims that the loops have
   * @returns the ids of the released orders
   */
  async releaseUnknown(known: readonly Claim[]): Promise<number[]> {
    const rows = await this.database.query(sql.RELEASE_UNKNOWN, [
      this.node.id,
      known.map(({ orderId }) => orderId),
      Math.max(this.settings.leaseMs, this.database.maxAnswerMs),
    ]);
    return rows.map(({ id }) => id);
  }

  /** @returns those of the claims that this node has: by order id, whether their cancellation was requested */
  private async findHeld(claims: readonly Claim[]): Promise<Map<number, boolean>> {
    const rows = await this.database.query(sql.FIND_HELD, [
      claims.map(({ orderId }) => orderId),
      claims.map(({ attempt }) => attempt),
      this.node.id,
    ]);
    return new Map(rows.map(({ id, cancelled }) => [id, cancelled]));
  }

  private async take(steps: readonly Step[]): Promise<StepResult[]> {
    const rows = await this.database.query(sql.STEP, toParams(steps, this.node.id));
    return toResults(steps, rows);
  }
}
