import { DynamicModule, Module, type Provider } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Settings } from '../config/settings';
import { MetricsModule } from '../metrics/metrics.module';
import { OrdersModule } from '../orders/orders.module';
import { ClaimsRepository } from './claims/claims.repository';
import { NodeRegistry, SOLE_NODE } from './claims/node-registry';
import { ProcessingNode } from './claims/processing-node.entity';
import { FULFILMENT } from './fulfilment/fulfilment.provider';
import { ProcessingGauges } from './processing-gauges.service';
import { Dispatcher } from './queue/dispatcher.service';
import { QueueModule } from './queue/queue.module';
import { RecoveryService } from './recovery.service';
import { AttemptRunner } from './workers/attempt-runner';
import { Heartbeat } from './workers/heartbeat';
import { RunningClaims } from './workers/running-claims';
import { Settler } from './workers/settler';
import { WorkerLoop } from './workers/worker-loop';
import { WorkerPool } from './workers/worker-pool.service';

/** Only on nodes that process orders. */
const WORKERS: Provider[] = [
  FULFILMENT,
  RunningClaims,
  AttemptRunner,
  Settler,
  WorkerLoop,
  Heartbeat,
  WorkerPool,
  RecoveryService,
];

/** Processes what `orders` accepts: queue, dispatcher, worker loops, recovery. */
@Module({})
export class ProcessingModule {
  /**
   * The parts that the node's role needs. A node that only accepts has no worker loops, and so neither heartbeat nor
   * recovery. It pushes ids into a queue that other nodes share; with a queue in its own memory it pushes none, and the
   * recovery of the worker nodes finds its orders in the table.
   *
   * @param soleNode true where no other node can be alive, see {@link SOLE_NODE}
   */
  static with({ role, queueEngine }: Settings, soleNode: boolean): DynamicModule {
    const works = role !== 'api';
    const feeds = works || queueEngine === 'bullmq';
    return {
      module: ProcessingModule,
      imports: [
        TypeOrmModule.forFeature([ProcessingNode]),
        QueueModule,
        OrdersModule,
        MetricsModule,
      ],
      providers: [
        { provide: SOLE_NODE, useValue: soleNode },
        NodeRegistry,
        ClaimsRepository,
        ProcessingGauges,
        ...(feeds ? [Dispatcher] : []),
        ...(works ? WORKERS : []),
      ],
    };
  }
}
