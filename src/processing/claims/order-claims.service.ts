import { Injectable } from '@nestjs/common';
import { DatabaseSettings } from '../../config/database.settings';
import { RetrySettings } from '../../config/retry.settings';
import { WorkerSettings } from '../../config/workers.settings';
import { isRolledBack } from '../../database/database-errors';
import { GroupCommit } from '../../common/group-commit';
import type { Claim, Outcome, Rescued, Turn, TurnResult } from './claim';
import { ClaimsRepository } from './claims.repository';

/** Claims taken away a statement: keeps the locks of a sweep short, whatever has piled up. */
const RESCUE_BATCH = 500;

/** A claim whose work is to be aborted. */
export interface InterruptedClaim {
  readonly claim: Claim;
  readonly why: 'lost' | 'cancelled';
}

/** What processing may do with orders: claim, settle, rescue, and find what waits. */
@Injectable()
export class OrderClaims {
  // A loop that settles one order and claims the next does both in one round trip. A second statement may run
  // meanwhile: it works on other orders.
  private readonly turns: GroupCommit<Turn, TurnResult>;

  constructor(
    private readonly settings: WorkerSettings,
    private readonly retry: RetrySettings,
    private readonly database: DatabaseSettings,
    private readonly claims: ClaimsRepository,
  ) {
    this.turns = new GroupCommit({
      commit: (turns) => this.claims.turn(turns),
      maxBatch: 256,
      maxInFlight: 2,
      // Each loop has at most two steps under way.
      maxWaiting: 2 * settings.workerCount,
      mayIsolate: isRolledBack,
    });
  }

  /** @returns undefined when the order is not there to be claimed: somebody else has it, or it is not due */
  async claim(orderId: number, nodeId: string): Promise<Claim | undefined> {
    const { claim } = await this.turns.add({ claim: orderId, nodeId });
    return claim;
  }

  /** @returns false when the claim had been taken away, so that nothing has changed (invariant I4) */
  async settle(claim: Claim, outcome: Outcome, nodeId: string): Promise<boolean> {
    const { settled } = await this.turns.add({ settle: claim, outcome, nodeId });
    return settled;
  }

  /** Takes the claims of dead nodes and the stale ones away, all there are. */
  async rescue(): Promise<Rescued[]> {
    const { leaseMs, staleAfterMs } = this.settings;
    const { maxAttempts } = this.retry;
    const rescued: Rescued[] = [];
    for (;;) {
      const batch = await this.claims.rescue(leaseMs, staleAfterMs, RESCUE_BATCH, maxAttempts);
      rescued.push(...batch);
      if (batch.length < RESCUE_BATCH) return rescued;
    }
  }

  /** @returns those of the claims that need no further work: the node has lost them, or a cancel was asked for */
  async findInterrupted(claims: readonly Claim[], nodeId: string): Promise<InterruptedClaim[]> {
    if (claims.length === 0) return [];
    const held = await this.claims.findHeld(claims, nodeId);
    return claims
      .filter(({ orderId }) => held.get(orderId) !== false)
      .map((claim) => ({ claim, why: held.has(claim.orderId) ? 'cancelled' : 'lost' }));
  }

  /** Gives back claims of this node that none of its loops knows of; `known` are those that they do know. */
  releaseUnknown(nodeId: string, known: readonly number[]): Promise<number[]> {
    const { leaseMs } = this.settings;
    const { databaseStatementTimeoutMs, databaseConnectTimeoutMs } = this.database;
    const answerTimeoutMs = 2 * (databaseConnectTimeoutMs + databaseStatementTimeoutMs);
    return this.claims.releaseUnknown(nodeId, known, Math.max(leaseMs, answerTimeoutMs));
  }

  findReady(limit: number): Promise<number[]> {
    return this.claims.findReady(limit);
  }

  msUntilNextDue(): Promise<number | undefined> {
    return this.claims.msUntilNextDue();
  }

  longestWaitSeconds(): Promise<number | null> {
    return this.claims.longestWaitSeconds();
  }
}
