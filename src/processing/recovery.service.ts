import {
  Inject,
  Injectable,
  Logger,
  OnApplicationBootstrap,
  OnModuleDestroy,
} from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Periodic, TICK_MS } from '../common/periodic';
import { WorkerSettings } from '../config/workers.settings';
import { OrderClaims } from './claims/order-claims.service';
import { Dispatcher } from './queue/dispatcher.service';
import { NodeRegistry } from './claims/node-registry.service';
import { WorkerPool } from './workers/worker-pool.service';

/** True where no other node can be alive: on an embedded database that this process has started itself. */
export const SOLE_NODE = Symbol('SOLE_NODE');

/** What one sweep found. */
export interface RecoveryCounts {
  /** Claims taken away, of dead nodes or too old; their orders wait again or have failed. */
  readonly rescued: number;
  /** Those of them whose attempts were used up. */
  readonly failed: number;
  /** Claims in this node's name that no loop knew of, given back. */
  readonly released: number;
  /** Orders that were due, read into the queue. */
  readonly fed: number;
}

/** Derives from the rows what was lost on the way: dead nodes' claims, stale claims, forgotten hints. */
@Injectable()
export class RecoveryService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(RecoveryService.name);
  private readonly sweeps: Periodic;
  /** A sweep before the other nodes are forgotten would leave their claims alone for a whole interval. */
  private ready = false;

  constructor(
    settings: WorkerSettings,
    @Inject(SOLE_NODE) private readonly soleNode: boolean,
    private readonly claims: OrderClaims,
    private readonly dispatcher: Dispatcher,
    private readonly node: NodeRegistry,
    private readonly pool: WorkerPool,
  ) {
    this.sweeps = new Periodic(settings.recoveryIntervalMs, () => this.sweep());
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.soleNode) await this.node.forgetOthers();
    this.ready = true;
    void this.sweeps.tick();
  }

  @Interval('recovery', TICK_MS)
  tick(): Promise<void> {
    return this.ready ? this.sweeps.tick() : Promise.resolve();
  }

  onModuleDestroy(): Promise<void> {
    return this.sweeps.stop();
  }

  /**
   * One sweep.
   *
   * @throws DatabaseUnavailableError; the next sweep starts afresh
   */
  async recover(): Promise<RecoveryCounts> {
    const rescued = await this.claims.rescue();
    for (const { orderId, attempt, nodeId } of rescued) {
      if (nodeId === this.node.id) this.pool.interrupt(orderId, attempt, 'lost');
    }
    const known = this.pool.runningClaims.map(({ orderId }) => orderId);
    const released = await this.claims.releaseUnknown(this.node.id, known);
    await this.node.forgetDead();
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
      `Recovered: ${rescued} claims rescued (${failed} orders failed for good), ${released} given back`,
    );
  }

  private async sweep(): Promise<void> {
    try {
      await this.recover();
    } catch (error) {
      this.logger.warn(`The sweep did not finish, the next one tries again: ${String(error)}`);
    }
  }
}
