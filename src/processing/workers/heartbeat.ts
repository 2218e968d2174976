import { Injectable, Logger } from '@nestjs/common';
import { pause } from '../../common/timeouts';
import { WorkerSettings } from '../../config/workers.settings';
import { ClaimsRepository } from '../claims/claims.repository';
import { NodeRegistry } from '../claims/node-registry';
import { RunningClaims } from './running-claims';

/**
 * Keeps this node's heartbeat row recent, and learns which of its claims were lost or are to be cancelled.
 *
 * Its timer is its own and not an `@Interval`: those end when the shutdown begins, and during the drain a node without
 * a heartbeat would lose the claims it still works on.
 */
@Injectable()
export class Heartbeat {
  private readonly logger = new Logger(Heartbeat.name);
  private readonly stopping = new AbortController();
  private beating: Promise<void> = Promise.resolve();

  constructor(
    private readonly settings: WorkerSettings,
    private readonly node: NodeRegistry,
    private readonly claims: ClaimsRepository,
    private readonly running: RunningClaims,
  ) {}

  /** Resolves once this node has its row, which it must have before its first claim. @throws DatabaseUnavailableError */
  async start(): Promise<void> {
    await this.node.join();
    this.beating = this.beatUntilStopped();
  }

  /** Ends the heartbeats and removes this node's row. May be called before the start, and twice. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.beating;
    try {
      await this.node.leave();
    } catch (error) {
      this.logger.warn(
        `Node row not removed: ${String(error)}. Other nodes wait for the lease to expire before they rescue its claims.`,
      );
    }
  }

  /** One heartbeat. @throws DatabaseUnavailableError */
  async beat(): Promise<void> {
    await this.node.beat();
    for (const { claim, why } of await this.claims.findInterrupted(this.running.list())) {
      this.running.interrupt(claim.orderId, claim.attempt, why);
    }
  }

  private async beatUntilStopped(): Promise<void> {
    while (await pause(this.settings.heartbeatIntervalMs, this.stopping.signal)) {
      await this.beat().catch((error: unknown) => {
        this.logger.warn(`Heartbeat failed: ${String(error)}`);
      });
    }
  }
}
