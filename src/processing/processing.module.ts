import { DynamicModule, Module, type Provider } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MetricsModule } from '../metrics/metrics.module';
import { OrdersModule } from '../orders/orders.module';
import { Settings } from '../config/settings';
import { OrdersService } from '../orders/orders.service';
import { Dispatcher } from './dispatcher.service';
import { Fulfilment } from './fulfilment';
import { HeartbeatService } from './heartbeat.service';
import { HttpFulfilment } from './http-fulfilment';
import { NodeRegistry } from './node-registry.service';
import { ProcessingGauges } from './processing-gauges.service';
import { ProcessingNode } from './processing-node.entity';
import { QueueModule } from './queue.module';
import { RecoveryService, SOLE_NODE } from './recovery.service';
import { SimulatedFulfilment } from './simulated-fulfilment';
import { WorkerPool } from './worker-pool.service';

const FULFILMENT: Provider = {
  provide: Fulfilment,
  inject: [Settings, OrdersService],
  useFactory: (settings: Settings, orders: OrdersService) =>
    settings.fulfilment === 'http'
      ? new HttpFulfilment(settings, orders)
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
