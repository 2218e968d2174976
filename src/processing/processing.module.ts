import { DynamicModule, Module, type Provider } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MetricsModule } from '../metrics/metrics.module';
import { OrdersModule } from '../orders/orders.module';
import { FulfilmentSettings } from '../config/fulfilment.settings';
import type { Settings } from '../config/settings';
import { WorkerSettings } from '../config/workers.settings';
import { OrdersService } from '../orders/orders.service';
import { Dispatcher } from './queue/dispatcher.service';
import { Fulfilment } from './fulfilment/fulfilment';
import { HeartbeatService } from './workers/heartbeat.service';
import { HttpFulfilment } from './fulfilment/http/http-fulfilment';
import { ClaimsRepository } from './claims/claims.repository';
import { NodeRegistry } from './claims/node-registry.service';
import { OrderClaims } from './claims/order-claims.service';
import { ProcessingGauges } from './processing-gauges.service';
import { ProcessingNode } from './claims/processing-node.entity';
import { QueueModule } from './queue/queue.module';
import { RecoveryService, SOLE_NODE } from './recovery.service';
import { SimulatedFulfilment } from './fulfilment/simulated-fulfilment';
import { WorkerPool } from './workers/worker-pool.service';

const FULFILMENT: Provider = {
  provide: Fulfilment,
  inject: [FulfilmentSettings, WorkerSettings, OrdersService],
  useFactory: (settings: FulfilmentSettings, workers: WorkerSettings, orders: OrdersService) =>
    settings.fulfilment === 'http'
      ? new HttpFulfilment(settings, workers, orders)
      : new SimulatedFulfilment(settings),
};

/** Works off what `orders` accepts: queue, dispatcher, worker loops, recovery. */
@Module({})
export class ProcessingModule {
  /**
   * What the node's role takes: one that only accepts has no loops, and so no heartbeat and no sweeps. It hints where
   * others can hear it; from its own memory nobody takes, and the others' recovery finds its orders in the table.
   *
   * @param soleNode true where no other node can be alive, see {@link SOLE_NODE}
   */
  static with({ role, queueEngine }: Settings, soleNode: boolean): DynamicModule {
    const works = role !== 'api';
    const hints = works || queueEngine === 'bullmq';
    return {
      module: ProcessingModule,
      imports: [
        TypeOrmModule.forFeature([ProcessingNode]),
        QueueModule,
        OrdersModule,
        MetricsModule,
      ],
      providers: [
        ClaimsRepository,
        OrderClaims,
        ProcessingGauges,
        ...(hints ? [Dispatcher] : []),
        ...(works ? ProcessingModule.workers(soleNode) : []),
      ],
    };
  }

  private static workers(soleNode: boolean): Provider[] {
    return [
      { provide: SOLE_NODE, useValue: soleNode },
      NodeRegistry,
      FULFILMENT,
      WorkerPool,
      HeartbeatService,
      RecoveryService,
    ];
  }
}
