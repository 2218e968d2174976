import { DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MetricsModule } from '../metrics/metrics.module';
import { OrdersModule } from '../orders/orders.module';
import { Dispatcher } from './dispatcher.service';
import { HeartbeatService } from './heartbeat.service';
import { NodeRegistry } from './node-registry.service';
import { OrderQueue } from './order-queue';
import { ProcessingGauges } from './processing-gauges.service';
import { ProcessingNode } from './processing-node.entity';
import { RecoveryService, SOLE_NODE } from './recovery.service';
import { SimulatedFulfilment } from './simulated-fulfilment';
import { WorkerPool } from './worker-pool.service';

/** Works off what `orders` accepts: queue, dispatcher, worker loops, recovery. */
@Module({})
export class ProcessingModule {
  /** @param soleNode true where no other node can be alive, see {@link SOLE_NODE} */
  static with(soleNode: boolean): DynamicModule {
    return {
      module: ProcessingModule,
      imports: [TypeOrmModule.forFeature([ProcessingNode]), OrdersModule, MetricsModule],
      providers: [
        { provide: SOLE_NODE, useValue: soleNode },
        OrderQueue,
        Dispatcher,
        NodeRegistry,
        SimulatedFulfilment,
        WorkerPool,
        HeartbeatService,
        RecoveryService,
        ProcessingGauges,
      ],
    };
  }
}
