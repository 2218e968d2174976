import { setMaxListeners } from 'node:events';
import { Injectable, Logger } from '@nestjs/common';
import { backoffMs } from '../../common/backoff';
import { pause } from '../../common/timeouts';
import type { Claim } from '../claims/claim';
import { ClaimsRepository } from '../claims/claims.repository';
import { Dispatcher } from '../queue/dispatcher.service';
import { AttemptRunner } from './attempt-runner';
import { isPaused } from './outcome';
import { RunningClaims } from './running-claims';
import { Settler } from './settler';
import { STATEMENT_RETRY_BASE_MS, STATEMENT_RETRY_MAX_MS } from './statement-retry';

/**
 * The loop of a worker: take an id, claim the order, do the work, settle, and again. Nothing that is thrown on the way
 * ends it; only the closing of the queue does.
 */
@Injectable()
export class WorkerLoop {
  private readonly logger = new Logger(WorkerLoop.name);
  private readonly draining = new AbortController();

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly claims: ClaimsRepository,
    private readonly attempts: AttemptRunner,
    private readonly running: RunningClaims,
    private readonly settler: Settler,
  ) {
    // Any number of them may wait on the signal at once. Node warns of a leak from the eleventh listener on.
    setMaxListeners(0, this.draining.signal);
  }

  /**
   * One loop; may be called many times.
   *
   * @param maxSettling claims of all loops that may be settling while loops go on: where it is more, the database is at
   *   fault and no order
   */
  async run(maxSettling: number): Promise<void> {
    for (let claim = await this.nextClaim(); claim; claim = await this.nextClaim()) {
      const outcome = await this.attempts.run(claim, this.running.add(claim));
      this.settler.settle(claim, outcome);
      // While fulfilment pauses every order comes back at once: a loop that went on would release the whole backlog.
      if (isPaused(outcome)) await pause(outcome.delayMs, this.draining.signal);
      await this.settler.atMost(maxSettling);
    }
  }

  /** Ends the pauses of all loops: the queue is closed, and a loop that takes from it ends. */
  drain(): void {
    this.draining.abort();
  }

  /** @returns undefined once the queue is closed */
  private async nextClaim(): Promise<Claim | undefined> {
    for (let failures = 0; ;) {
      const orderId = await this.dispatcher.next();
      if (orderId === undefined) return undefined;
      try {
        const claim = await this.claims.claim(orderId);
        if (claim) return claim;
        failures = 0;
      } catch (error) {
        failures += 1;
        this.logger.warn(`Claim failed: order ${orderId}: ${String(error)}`);
        const ms = backoffMs(failures, STATEMENT_RETRY_BASE_MS, STATEMENT_RETRY_MAX_MS);
        await pause(ms, this.draining.signal);
      }
    }
  }
}
