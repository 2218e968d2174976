import { Global, Module } from '@nestjs/common';
import { QueueSettings } from '../../config/queue.settings';
import { BullmqQueue } from './bullmq/bullmq-queue';
import { MemoryQueue } from './memory-queue';
import { OrderQueue } from './order-queue';

/** The queue of `QUEUE_ENGINE`. Also for the probes, which tell how its engine does. */
@Global()
@Module({
  providers: [
    {
      provide: OrderQueue,
      inject: [QueueSettings],
      useFactory: (settings: QueueSettings): OrderQueue =>
        settings.queueEngine === 'bullmq' ? new BullmqQueue(settings) : new MemoryQueue(settings),
    },
  ],
  exports: [OrderQueue],
})
export class QueueModule {}
