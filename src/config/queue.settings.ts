import { IsOptional, IsString, Matches } from 'class-validator';
import { Address, OneOf, Whole } from './settings.decorators';

export const QUEUE_ENGINES = ['memory', 'bullmq'] as const;

/** The queue of order ids and its engine. */
export class QueueSettings {
  /** Where ids wait for a worker: in this process, or in the Redis that nodes share. */
  @OneOf(QUEUE_ENGINES)
  readonly queueEngine: (typeof QUEUE_ENGINES)[number] = 'memory';

  @IsOptional()
  @Address('redis', 'rediss')
  readonly redisUrl: string | undefined = undefined;

  /** What each key in Redis begins with, so that several services may share one. */
  @IsString()
  @Matches(/^[\w-]+$/, { message: 'takes letters, digits, _ and -' })
  readonly redisPrefix: string = 'order-service';

  /** Ids that wait in the queue; what doesn't fit stays in the table. */
  @Whole(1, 1_000_000)
  readonly queueCapacity: number = 10_000;
}
