import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import type { Observable } from 'rxjs';
import { GroupCommit } from '../../../common/group-commit';
import { QueueSettings } from '../../../config/queue.settings';
import { OrderQueue, type QueueEvent } from '../order-queue';
import { DepthMonitor } from './depth-monitor';
import { JobFetcher } from './job-fetcher';
import { createJobWorker } from './job-worker';
import { RedisConnection } from './redis-connection';

const QUEUE_NAME = 'orders';

/** Ids added in one round trip; also what each node may add beyond the capacity, see {@link BullmqQueue}. */
const MAX_BATCH = 500;

/** BullMQ appends an event for each change of a job. Only the queue board reads them, so few are kept. */
const MAX_EVENTS = 1_000;

/**
 * The queue that nodes share: BullMQ on Redis, which holds order ids and nothing else.
 *
 * Each order has at most one job, identified by the order's id: a duplicate hint has no effect while one waits. Nothing
 * is kept of a finished job. A node reads the number of waiting jobs before it adds its own, so that n nodes that do
 * so at the same moment may exceed the capacity by n - 1 batches of 500, or of the capacity if that is less.
 */
@Injectable()
export class BullmqQueue extends OrderQueue {
  readonly hasWaitingConsumers = false;
  readonly jobs: Queue<number>;
  private readonly connection: RedisConnection;
  private readonly adds: GroupCommit<number, boolean>;
  private readonly monitor: DepthMonitor;
  private fetcher: JobFetcher | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly settings: QueueSettings) {
    super();
    this.connection = new RedisConnection(settings.redisUrl ?? '');
    this.jobs = new Queue<number>(QUEUE_NAME, {
      ...this.connectionOptions(),
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
      streams: { events: { maxLen: MAX_EVENTS } },
    });
    this.jobs.on('error', ignoreReportedError);
    this.adds = new GroupCommit({
      commit: (ids) => this.add(ids),
      maxBatch: MAX_BATCH,
      maxInFlight: 1,
      maxWaiting: Math.max(MAX_BATCH, settings.queueCapacity),
      mayIsolate: () => false,
    });
    this.monitor = new DepthMonitor(this.jobs, this.connection);
  }

  get events(): Observable<QueueEvent> {
    return this.monitor.events;
  }

  get capacity(): number {
    return this.settings.queueCapacity;
  }

  get depth(): number {
    return this.monitor.depth;
  }

  get unavailableReason(): string | undefined {
    return this.connection.unavailableReason;
  }

  push(id: number): boolean | Promise<boolean> {
    if (this.closing || !this.connection.isUp || this.depth >= this.capacity) return false;
    return this.adds.add(id).catch(() => false);
  }

  take(): Promise<number | undefined> {
    if (this.closing) return Promise.resolve(undefined);
    // Created by the first take: a node without worker loops needs no fetcher.
    this.fetcher ??= this.createFetcher();
    return this.fetcher.take();
  }

  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    this.monitor.stop();
    await this.fetcher?.close();
    this.connection.close();
    await this.jobs.close();
  }

  private createFetcher(): JobFetcher {
    const worker = createJobWorker(QUEUE_NAME, this.connectionOptions());
    worker.on('error', ignoreReportedError);
    return new JobFetcher(
      worker,
      () => this.connection.isUp,
      () => {
        this.monitor.noteEmpty();
      },
      (ids) => this.putBack(ids),
    );
  }

  private connectionOptions() {
    return {
      connection: this.connection.client,
      prefix: this.settings.redisPrefix,
      // The version check is a command that may fail, and BullMQ would not repeat it after a failure.
      skipVersionCheck: true,
    };
  }

  /** @throws when Redis is unavailable or out of memory */
  private async add(ids: readonly number[]): Promise<boolean[]> {
    if (!this.connection.isUp) throw new Error(this.connection.unavailableReason);
    const waiting = await this.jobs.getWaitingCount();
    const fitting = ids.slice(0, Math.max(0, this.capacity - waiting));
    await this.jobs.addBulk(
      fitting.map((id) => ({ name: 'order', data: id, opts: { jobId: `order-${id}` } })),
    );
    this.monitor.note(waiting + fitting.length);
    this.fetcher?.wake();
    return ids.map((_, index) => index < fitting.length);
  }

  /** For ids that were fetched when the loops had stopped: other nodes get them sooner than through recovery. */
  private async putBack(ids: readonly number[]): Promise<void> {
    try {
      await this.add(ids);
    } catch {
      // Their orders are ready in the table, where recovery finds them.
    }
  }
}

/** BullMQ repeats errors that the connection logs and that the failed call gets; without a listener it would throw. */
function ignoreReportedError(): void {
  // Nothing to do.
}
