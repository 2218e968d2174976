import { Global, Module } from '@nestjs/common';
import { QueueSettings } from '../../config/queue.settings';
import { MemoryQueue } from './memory-queue';
import { OrderQueue } from './order-queue';

/**
 * The queue of QUEUE_ENGINE. Global, because the readiness probe reports the engine's state.
 *
 * BullMQ and ioredis are loaded only where they are used: they cost memory and time at the start.
 */
@Global()
@Module({
  providers: [
    {
      provide: OrderQueue,
      inject: [QueueSettings],
      useFactory: async (settings: QueueSettings): Promise<OrderQueue> => {
        if (settings.queueEngine === 'memory') return new MemoryQueue(settings);
        const { BullmqQueue } = await import('./bullmq/bullmq-queue');
        return new BullmqQueue(settings);
      },
    },
  ],
  exports: [OrderQueue],
})
export class QueueModule {}
