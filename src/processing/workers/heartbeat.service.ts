import { BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Periodic, TICK_MS } from '../../common/periodic';
import { WorkerSettings } from '../../config/workers.settings';
import { OrderClaims } from '../claims/order-claims.service';
import { NodeRegistry } from '../claims/node-registry.service';
import { WorkerPool } from './worker-pool.service';

/** Says that this node lives, and hears which of its claims were taken away or cancelled meanwhile. */
@Injectable()
export class HeartbeatService implements BeforeApplicationShutdown {
  private readonly logger = new Logger(HeartbeatService.name);
  private readonly beats: Periodic;

  constructor(
    settings: WorkerSettings,
    private readonly node: NodeRegistry,
    private readonly claims: OrderClaims,
    private readonly pool: WorkerPool,
  ) {
    this.beats = new Periodic(settings.heartbeatIntervalMs, () => this.tryToBeat());
  }

  @Interval('heartbeat', TICK_MS)
  tick(): Promise<void> {
    return this.beats.tick();
  }

  /** Not before: the heart beats on while the others finish what they have under way. The drain has its own. */
  beforeApplicationShutdown(): Promise<void> {
    return this.beats.stop();
  }

  /** @throws DatabaseUnavailableError */
  async beat(): Promise<void> {
    await this.node.beat();
    const interrupted = await this.claims.findInterrupted(this.pool.runningClaims, this.node.id);
    for (const { claim, why } of interrupted)
      this.pool.interrupt(claim.orderId, claim.attempt, why);
  }

  private async tryToBeat(): Promise<void> {
    try {
      await this.beat();
    } catch (error) {
      this.logger.warn(`The heart missed a beat: ${String(error)}`);
    }
  }
}
