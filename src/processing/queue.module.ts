import { Global, Module } from '@nestjs/common';
import { Settings } from '../config/settings';
import { BullmqQueue } from './bullmq-queue';
import { MemoryQueue } from './memory-queue';
import { OrderQueue } from './order-queue';

/** The queue of `QUEUE_ENGINE`. Also for the probes, which tell how its engine does. */
@Global()
@Module({
  providers: [
    {
      provide: OrderQueue,
      inject: [Settings],
      useFactory: (settings: Settings): OrderQueue =>
        settings.queueEngine === 'bullmq' ? new BullmqQueue(settings) : new MemoryQueue(settings),
    },
  ],
  exports: [OrderQueue],
})
export class QueueModule {}
