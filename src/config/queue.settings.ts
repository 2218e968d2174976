import { IsOptional, IsString, Matches } from 'class-validator';
import { Integer, OneOf, Url } from './settings.decorators';

export const QUEUE_ENGINES = ['memory', 'bullmq'] as const;

/** The queue of order ids that wait for a worker. */
export class QueueSettings {
  /** Where the ids wait: in this process, or in a Redis that all nodes share. */
  @OneOf(QUEUE_ENGINES)
  readonly queueEngine: (typeof QUEUE_ENGINES)[number] = 'memory';

  /** Required by the engine `bullmq`. */
  @IsOptional()
  @Url('redis', 'rediss')
  readonly redisUrl: string | undefined = undefined;

  /** The prefix of every key in Redis, so that several services may share one. */
  @IsString()
  @Matches(/^[\w-]+$/, { message: 'must consist of letters, digits, _ and -' })
  readonly redisPrefix: string = 'order-service';

  /** The most ids in the queue, which bounds its memory; further orders wait in the table. */
  @Integer(1, 1_000_000)
  readonly queueCapacity: number = 10_000;
}
