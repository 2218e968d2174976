import { setMaxListeners } from 'node:events';
import { Injectable, Logger } from '@nestjs/common';
import { backoffMs } from '../../common/backoff';
import { pause } from '../../common/timeouts';
import { WorkerSettings } from '../../config/workers.settings';
import { isValueError } from '../../database/database-errors';
import type { Claim, Outcome, SettleResult } from '../claims/claim';
import { ClaimsRepository } from '../claims/claims.repository';
import { Dispatcher } from '../queue/dispatcher.service';
import { RunningClaims } from './running-claims';
import { STATEMENT_RETRY_BASE_MS, STATEMENT_RETRY_MAX_MS } from './statement-retry';

/**
 * Claims that may be set aside at once because another transaction holds a lock on their orders: they cost memory only.
 * Beyond this they count as claims that are being settled, so that the loops wait.
 */
const MAX_SET_ASIDE = 10_000;

/** Stands in `last_error` for a text that the database refuses, e.g. for a character that its encoding lacks. */
const NOT_STORABLE = 'the error text could not be stored, see the log of the node';

/** Refused: the database does not accept the text of the error. Failed: for any other reason, perhaps only now. */
type TryResult = SettleResult | 'refused' | 'failed';

/**
 * Settles claims beside the loops, so that a settle shares its statement with the next claim, and an order that cannot
 * be settled holds no loop.
 */
@Injectable()
export class Settler {
  private readonly logger = new Logger(Settler.name);
  private readonly settling = new Set<Promise<void>>();
  /** Those of the claims whose orders are locked by another transaction. */
  private readonly setAside = new Set<Claim>();
  private readonly givingUp = new AbortController();
  private waiting: (() => void)[] = [];
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
    const settled = this.settleAndRemove(claim, outcome).finally(() => {
      this.settling.delete(settled);
      this.wake();
    });
    this.settling.add(settled);
  }

  /** Resolves once no more than `limit` claims are being settled; those that are set aside do not count. */
  async atMost(limit: number): Promise<void> {
    const counted = () => this.settling.size - Math.min(this.setAside.size, MAX_SET_ASIDE);
    while (counted() > limit) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Resolves once every claim is settled, lost or given up. */
  async idle(): Promise<void> {
    while (this.settling.size > 0) await Promise.race(this.settling);
  }

  /** Settles nothing again that fails from here on: its claim is left to the rescue. */
  giveUp(): void {
    this.givingUp.abort();
  }

  private wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }

  private async settleAndRemove(claim: Claim, outcome: Outcome | undefined): Promise<void> {
    try {
      if (outcome) await this.settleAgainAndAgain(claim, outcome);
    } finally {
      this.running.remove(claim);
      this.takeBack(claim);
    }
  }

  /** Tries until it succeeds, or until the claim is so old that other nodes rescue it. */
  private async settleAgainAndAgain(claim: Claim, outcome: Outcome): Promise<void> {
    const deadline = performance.now() + this.settings.staleAfterMs;
    let uncertain = false;
    let storable = outcome;
    for (let tries = 1; performance.now() < deadline; tries += 1) {
      const result = await this.trySettle(claim, storable);
      if (result === 'refused') storable = withoutText(outcome);
      if (result === 'settled' && 'delayMs' in outcome) this.dispatcher.wakeIn(outcome.delayMs);
      // After a failed try it is unknown whether that took effect, so a later one without a row proves no loss.
      if (result === 'lost' && !uncertain) this.reportLost(claim);
      if (result === 'settled' || result === 'lost') return;
      if (result === 'locked') this.putAside(claim);
      else this.takeBack(claim);
      uncertain ||= result === 'failed';
      const ms = backoffMs(tries, STATEMENT_RETRY_BASE_MS, STATEMENT_RETRY_MAX_MS);
      if (!(await pause(ms, this.givingUp.signal))) return;
    }
  }

  private async trySettle(claim: Claim, outcome: Outcome): Promise<TryResult> {
    try {
      return await this.claims.settle(claim, outcome);
    } catch (error) {
      if ('error' in outcome && outcome.error !== NOT_STORABLE && isValueError(error)) {
        this.logger.warn(
          `Order ${claim.orderId}: its error text cannot be stored (${String(error)}). It is settled without the text: ${outcome.error}`,
        );
        return 'refused';
      }
      this.logger.warn(`Settle failed: order ${claim.orderId}: ${String(error)}`);
      return 'failed';
    }
  }

  private putAside(claim: Claim): void {
    if (this.setAside.size === 0) {
      this.logger.warn(
        `Order ${claim.orderId} is locked by another transaction: it is settled when the lock is released. ` +
          'Other locked orders are not reported until none is left.',
      );
    }
    this.setAside.add(claim);
    this.wake();
  }

  private takeBack(claim: Claim): void {
    if (this.setAside.delete(claim) && this.setAside.size === 0) {
      this.logger.log('No order that is to be settled is locked any more.');
    }
  }

  private reportLost({ orderId, attempt }: Claim): void {
    this.lost += 1;
    this.logger.warn(`Claim lost: order ${orderId}, attempt ${attempt}. Its result is dropped.`);
  }
}

function withoutText(outcome: Outcome): Outcome {
  return 'error' in outcome ? { ...outcome, error: NOT_STORABLE } : outcome;
}
