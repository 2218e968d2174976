import { setMaxListeners } from 'node:events';
import { Injectable, Logger } from '@nestjs/common';
import { backoffMs } from '../../common/backoff';
import { pause } from '../../common/timeouts';
import { WorkerSettings } from '../../config/workers.settings';
import type { Claim, Outcome } from '../claims/claim';
import { ClaimsRepository } from '../claims/claims.repository';
import { Dispatcher } from '../queue/dispatcher.service';
import { RunningClaims } from './running-claims';
import { STATEMENT_RETRY_BASE_MS, STATEMENT_RETRY_MAX_MS } from './statement-retry';

/**
 * Settles claims beside the loops, so that a settle shares its statement with the next claim, and an order that cannot
 * be settled holds no loop.
 */
@Injectable()
export class Settler {
  private readonly logger = new Logger(Settler.name);
  private readonly settling = new Set<Promise<void>>();
  private readonly givingUp = new AbortController();
  private lost = 0;

  constructor(
    private readonly settings: WorkerSettings,
    private readonly claims: ClaimsRepository,
    private readonly running: RunningClaims,
    private readonly dispatcher: Dispatcher,
  ) {
    // Any number of them may wait on the signal at once. Node warns of a leak from the eleventh listener on.
    setMaxListeners(0, this.givingUp.signal);
  }

  /** Results dropped since the start because their claim was lost (invariant I4). */
  get lostClaims(): number {
    return this.lost;
  }

  /** Begins to settle a claim; it stops running when it is settled or lost. @param outcome undefined: it is lost */
  settle(claim: Claim, outcome: Outcome | undefined): void {
    const settled = this.settleAndRemove(claim, outcome).finally(() =>
      this.settling.delete(settled),
    );
    this.settling.add(settled);
  }

  /** Resolves once no more than `limit` claims are being settled. */
  async atMost(limit: number): Promise<void> {
    while (this.settling.size > limit) await Promise.race(this.settling);
  }

  /** Settles nothing again that fails from here on: its claim is left to the rescue. */
  giveUp(): void {
    this.givingUp.abort();
  }

  private async settleAndRemove(claim: Claim, outcome: Outcome | undefined): Promise<void> {
    try {
      if (outcome) await this.settleAgainAndAgain(claim, outcome);
    } finally {
      this.running.remove(claim);
    }
  }

  /** Tries until it succeeds, or until the claim is so old that other nodes rescue it. */
  private async settleAgainAndAgain(claim: Claim, outcome: Outcome): Promise<void> {
    const deadline = performance.now() + this.settings.staleAfterMs;
    for (let failures = 0; performance.now() < deadline;) {
      try {
        const settled = await this.claims.settle(claim, outcome);
        // After a failed try it is unknown whether that took effect, so a second one without a row proves no loss.
        if (!settled && failures === 0) this.reportLost(claim);
        if (settled && 'delayMs' in outcome) this.dispatcher.wakeIn(outcome.delayMs);
        return;
      } catch (error) {
        failures += 1;
        this.logger.warn(`Settle failed: order ${claim.orderId}: ${String(error)}`);
        const ms = backoffMs(failures, STATEMENT_RETRY_BASE_MS, STATEMENT_RETRY_MAX_MS);
        if (!(await pause(ms, this.givingUp.signal))) return;
      }
    }
  }

  private reportLost({ orderId, attempt }: Claim): void {
    this.lost += 1;
    this.logger.warn(`Claim lost: order ${orderId}, attempt ${attempt}. Its result is dropped.`);
  }
}
