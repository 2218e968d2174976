import { Injectable, Logger, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Periodic, TICK_MS } from '../common/periodic';
import { WorkerSettings } from '../config/workers.settings';
import { ClaimsRepository } from './claims/claims.repository';
import { NodeRegistry } from './claims/node-registry';
import { Dispatcher } from './queue/dispatcher.service';
import { RunningClaims } from './workers/running-claims';

/** What one sweep found. */
export interface RecoveryCounts {
  /** Claims taken away, of lost nodes or expired; their orders are PENDING again or have FAILED. */
  readonly rescued: number;
  /** Those of the rescued whose attempts were used up. */
  readonly failed: number;
  /** Claims in this node's name that no loop knew, released. */
  readonly released: number;
  /** Orders that were due, read into the queue. */
  readonly fed: number;
}

/** Derives from the rows what was lost: the claims of lost nodes, expired claims, ids that are missing in the queue. */
@Injectable()
export class RecoveryService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(RecoveryService.name);
  private readonly sweeps: Periodic;

  constructor(
    settings: WorkerSettings,
    private readonly claims: ClaimsRepository,
    private readonly dispatcher: Dispatcher,
    private readonly node: NodeRegistry,
    private readonly running: RunningClaims,
  ) {
    this.sweeps = new Periodic(settings.recoveryIntervalMs, () => this.sweep());
  }

  onApplicationBootstrap(): void {
    void this.sweeps.tick();
  }

  @Interval('recovery', TICK_MS)
  tick(): Promise<void> {
    return this.sweeps.tick();
  }

  onModuleDestroy(): Promise<void> {
    return this.sweeps.stop();
  }

  /** One sweep. @throws DatabaseUnavailableError; the next sweep starts from the beginning */
  async recover(): Promise<RecoveryCounts> {
    // First: after an outage this node's own heartbeat is old, and it must not take its own claims for lost.
    await this.node.beat();
    const rescued = await this.claims.rescue();
    for (const { orderId, attempt, nodeId } of rescued) {
      if (nodeId === this.node.id) this.running.interrupt(orderId, attempt, 'lost');
    }
    const released = await this.claims.releaseUnknown(this.running.list());
    // A row that is removed ends the grace that its node has after an outage.
    if (!this.node.othersMayBeLate) await this.node.removeLost();
    const counts = {
      rescued: rescued.length,
      failed: rescued.filter(({ status }) => status === 'FAILED').length,
      released: released.length,
      fed: await this.dispatcher.refill(),
    };
    this.report(counts);
    return counts;
  }

  private report({ rescued, failed, released }: RecoveryCounts): void {
    if (rescued + released === 0) return;
    this.logger.log(
      `Recovery: ${rescued} claims rescued (${failed} of their orders FAILED), ${released} claims released`,
    );
  }

  private async sweep(): Promise<void> {
    try {
      await this.recover();
    } catch (error) {
      this.logger.warn(`Recovery failed, next try at the next interval: ${String(error)}`);
    }
  }
}
