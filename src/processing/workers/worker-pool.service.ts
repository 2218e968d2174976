import { setMaxListeners } from 'node:events';
import { BeforeApplicationShutdown, Injectable, Logger, OnModuleInit } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { backoffMs } from '../../common/backoff';
import { sleep } from '../../common/sleep';
import { RetrySettings } from '../../config/retry.settings';
import { ServiceSettings } from '../../config/service.settings';
import { WorkerSettings } from '../../config/workers.settings';
import type { Claim, Outcome } from '../claims/claim';
import { OrderClaims } from '../claims/order-claims.service';
import { OrderSignals } from '../../orders/order-signals.service';
import { Dispatcher } from '../queue/dispatcher.service';
import { Fulfilment } from '../fulfilment/fulfilment';
import { Interruption } from './interruption';
import { NodeRegistry } from '../claims/node-registry.service';
import { isPaused, outcomeOfFailure, outcomeOfInterruption } from './outcome';

/** Waits between tries of a statement that failed: from a tenth of a second to five, while the database is away. */
const STATEMENT_RETRY_BASE_MS = 100;
const STATEMENT_RETRY_MAX_MS = 5_000;

/** What interrupted work gets at shutdown to be released, before it is left to the rescue. */
const RELEASE_GRACE_MS = 5_000;

/**
 * The worker loops: take an id, claim the order, do the work, settle, and again. Nothing that is thrown on the way
 * ends a loop; only the closing of the queue does.
 */
@Injectable()
export class WorkerPool implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(WorkerPool.name);
  /** By claim, not by order: a rescued order may be claimed anew while its old loop has not noticed yet. */
  private readonly running = new Map<Claim, AbortController>();
  private loops: Promise<void>[] = [];
  private lost = 0;
  /** Claims that are being settled, while their loops have gone on. */
  private readonly settling = new Set<Promise<void>>();
  private cancels: Subscription | undefined;
  /** Ends all rest at shutdown. */
  private readonly draining = new AbortController();
  /** The drain is over: what is claimed still, is released. */
  private drained = false;
  /** Ends all waiting for the database at shutdown, when even the grace is over. */
  private readonly givenUp = new AbortController();

  constructor(
    private readonly settings: WorkerSettings,
    private readonly retry: RetrySettings,
    private readonly service: ServiceSettings,
    private readonly dispatcher: Dispatcher,
    private readonly claims: OrderClaims,
    private readonly signals: OrderSignals,
    private readonly node: NodeRegistry,
    private readonly fulfilment: Fulfilment,
  ) {
    // Every loop may wait on both, and Node takes more than ten listeners for a leak.
    setMaxListeners(0, this.draining.signal, this.givenUp.signal);
  }

  get total(): number {
    return this.loops.length;
  }

  get busy(): number {
    return this.running.size;
  }

  /** Results dropped since the start because their claim had been taken away (invariant I4). */
  get lostClaims(): number {
    return this.lost;
  }

  /** The orders that the loops hold right now. */
  get runningClaims(): Claim[] {
    return [...this.running.keys()];
  }

  async onModuleInit(): Promise<void> {
    await this.node.beat();
    // Here or elsewhere: another node's loop hears of it by its heartbeat.
    this.cancels = this.signals.cancelRequested.subscribe(({ id, attempt }) => {
      this.interrupt(id, attempt, 'cancelled');
    });
    this.loops = Array.from({ length: this.settings.workerCount }, () => this.loop());
  }

  /**
   * The drain: no new claims since the dispatcher closed the queue; running work may finish within
   * `SHUTDOWN_DRAIN_MS`, and what is left is aborted and released at no cost of an attempt.
   */
  async beforeApplicationShutdown(): Promise<void> {
    // The scheduler has stopped its intervals by now; a heart that stops would cost the running work its claims.
    const beating = setInterval(
      () => void this.tryTo('beat', this.node.beat()),
      this.settings.heartbeatIntervalMs,
    );
    this.draining.abort(new Interruption('shutdown'));
    const loops = this.finish();
    await within(loops, this.service.shutdownDrainMs);
    this.drained = true;
    for (const abort of this.running.values()) abort.abort(new Interruption('shutdown'));
    await within(loops, RELEASE_GRACE_MS);
    this.givenUp.abort(new Interruption('shutdown'));
    await loops;
    clearInterval(beating);
    this.cancels?.unsubscribe();
    await this.tryTo('leave', this.node.leave());
  }

  /** Aborts the work on an order at once: its claim was taken away, or a cancel was asked for. */
  interrupt(orderId: number, attempt: number, why: 'lost' | 'cancelled'): void {
    for (const [claim, abort] of this.running) {
      if (claim.orderId === orderId && claim.attempt === attempt)
        abort.abort(new Interruption(why));
    }
  }

  private async loop(): Promise<void> {
    for (let claim = await this.nextClaim(); claim; claim = await this.nextClaim()) {
      // In the background: it shares a round trip with the next claim, and an order that cannot be settled must not
      // hold a loop. When it is as many as there are loops, it is no order's fault.
      const outcome = await this.work(claim);
      this.settleBeside(claim, outcome);
      if (isPaused(outcome)) await this.rest(outcome.delayMs);
      while (this.settling.size > this.total) await Promise.race(this.settling);
    }
  }

  /** While fulfilment pauses every order would come back at once: a loop that goes on would turn over the backlog. */
  private async rest(ms: number): Promise<void> {
    await sleep(ms, this.draining.signal).catch(() => undefined);
  }

  private settleBeside(claim: Claim, outcome: Outcome | undefined): void {
    const settled = this.settle(claim, outcome).finally(() => this.settling.delete(settled));
    this.settling.add(settled);
  }

  private async finish(): Promise<void> {
    await Promise.all(this.loops);
    await Promise.all(this.settling);
  }

  /** @returns undefined once the queue is closed */
  private async nextClaim(): Promise<Claim | undefined> {
    for (let failures = 0; ;) {
      const orderId = await this.dispatcher.next();
      if (orderId === undefined) return undefined;
      try {
        const claim = await this.claims.claim(orderId, this.node.id);
        if (claim) {
          const abort = new AbortController();
          // Its answer came late.
          if (this.drained) abort.abort(new Interruption('shutdown'));
          this.running.set(claim, abort);
          return claim;
        }
        failures = 0;
      } catch (error) {
        failures += 1;
        this.logger.warn(`Order ${orderId} could not be claimed: ${String(error)}`);
        await this.pause(failures);
      }
    }
  }

  /** @returns how the claim ends; undefined when it was lost meanwhile, so that there is nothing to settle */
  private async work(claim: Claim): Promise<Outcome | undefined> {
    const { signal } = this.running.get(claim) ?? new AbortController();
    try {
      signal.throwIfAborted();
      await abortable(this.fulfilment.fulfil(claim, signal), signal);
      return { status: 'COMPLETED' };
    } catch (error) {
      const reason: unknown = signal.reason;
      return reason instanceof Interruption
        ? outcomeOfInterruption(reason)
        : outcomeOfFailure(claim, error, this.retry);
    }
  }

  /** Settles, however often it takes, until the claim is too old to be ours; then frees the slot. */
  private async settle(claim: Claim, outcome: Outcome | undefined): Promise<void> {
    const deadline = performance.now() + this.settings.staleAfterMs;
    try {
      for (let failures = 0; outcome && performance.now() < deadline;) {
        try {
          const settled = await this.claims.settle(claim, outcome, this.node.id);
          // After a failed try nobody knows whether it took effect, so a second one that finds nothing proves no loss.
          if (!settled && failures === 0) this.noteLost(claim);
          if (settled && 'delayMs' in outcome) this.dispatcher.wakeIn(outcome.delayMs);
          return;
        } catch (error) {
          failures += 1;
          this.logger.warn(`Order ${claim.orderId} could not be settled: ${String(error)}`);
          if (!(await this.pause(failures))) return;
        }
      }
    } finally {
      this.running.delete(claim);
    }
  }

  /** At shutdown there is nobody left to act on it: the lease runs out, and others rescue what is left. */
  private async tryTo(what: string, statement: Promise<void>): Promise<void> {
    try {
      await statement;
    } catch (error) {
      this.logger.warn(`The node could not ${what}: ${String(error)}`);
    }
  }

  private noteLost({ orderId, attempt }: Claim): void {
    this.lost += 1;
    this.logger.warn(`Order ${orderId}: attempt ${attempt} lost its claim, its result is dropped`);
  }

  /** @returns false when the node has given up waiting */
  private async pause(failures: number): Promise<boolean> {
    const ms = backoffMs(failures, STATEMENT_RETRY_BASE_MS, STATEMENT_RETRY_MAX_MS);
    return sleep(ms, this.givenUp.signal).then(
      () => true,
      () => false,
    );
  }
}

/** A fulfilment that does not heed its signal must not hold a loop. */
function abortable(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}

/** Waits for the work, but no longer than `ms`. */
async function within(work: Promise<unknown>, ms: number): Promise<void> {
  const timeout = new AbortController();
  await Promise.race([work, sleep(ms, timeout.signal).catch(() => undefined)]);
  timeout.abort();
}
