import { Injectable, Logger } from '@nestjs/common';
import { createRedisBackend, Queue, Worker } from 'bullmq';
import { Subject } from 'rxjs';
import { QueueSettings } from '../../../config/queue.settings';
import { GroupCommit } from '../../../common/group-commit';
import { JobFetcher } from './job-fetcher';
import { OrderQueue, type QueueNews } from '../order-queue';
import { RedisLink } from './redis-link';

const QUEUE_NAME = 'orders';

/** Ids added in one round trip; also what each node may add beyond the capacity, see {@link BullmqQueue}. */
const MAX_BATCH = 500;

/** How old the depth may be, and how late a node sees that there is room again. */
const MEASURE_MS = 1_000;

/** BullMQ appends an event for whatever happens to a job; nobody reads them but the board. */
const MAX_EVENTS = 1_000;

/**
 * What a node that dies between fetching a job and finishing it leaves behind is put back after this time, twice it
 * at most. Until then further hints of the same order fall on that job.
 */
const STUCK_AFTER_MS = 5_000;

/**
 * The queue that nodes share: BullMQ on Redis, which holds ids and nothing else.
 *
 * One job an order, by its id: a doubled hint falls on the one that waits. Nothing is kept of a job that is done. The
 * nodes look how many jobs wait before they add theirs, so that n nodes that look at the same moment may exceed the
 * capacity by n - 1 batches of 500, or of the capacity if that is less.
 */
@Injectable()
export class BullmqQueue extends OrderQueue {
  readonly news = new Subject<QueueNews>();
  readonly hasTakers = false;
  readonly jobs: Queue<number>;
  private readonly logger = new Logger(BullmqQueue.name);
  private readonly link: RedisLink;
  private readonly adds: GroupCommit<number, boolean>;
  private readonly measuring: NodeJS.Timeout;
  private fetcher: JobFetcher | undefined;
  private waiting = 0;
  private closing: Promise<void> | undefined;

  constructor(private readonly settings: QueueSettings) {
    super();
    this.link = new RedisLink(settings.redisUrl ?? '');
    this.jobs = new Queue<number>(QUEUE_NAME, {
      ...this.options(),
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
      streams: { events: { maxLen: MAX_EVENTS } },
    });
    this.jobs.on('error', ignore);
    this.adds = new GroupCommit({
      commit: (ids) => this.add(ids),
      maxBatch: MAX_BATCH,
      maxInFlight: 1,
      maxWaiting: Math.max(MAX_BATCH, settings.queueCapacity),
      mayIsolate: () => false,
    });
    this.link.reached.subscribe(() => void this.measure('forgot'));
    this.measuring = setInterval(() => void this.measure('room'), MEASURE_MS);
  }

  get capacity(): number {
    return this.settings.queueCapacity;
  }

  get depth(): number {
    return this.waiting;
  }

  get trouble(): string | undefined {
    return this.link.trouble;
  }

  push(id: number): boolean | Promise<boolean> {
    if (this.closing || !this.link.isUp || this.waiting >= this.capacity) return false;
    return this.adds.add(id).catch(() => false);
  }

  take(): Promise<number | undefined> {
    if (this.closing) return Promise.resolve(undefined);
    // Only where there are loops: the others need no worker.
    this.fetcher ??= this.createFetcher();
    return this.fetcher.take();
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    clearInterval(this.measuring);
    await this.fetcher?.close();
    this.waiting = 0;
    this.link.close();
    await this.jobs.close();
  }

  private createFetcher(): JobFetcher {
    // Without a processor it fetches when it is told to, and watches over stuck jobs. The plain backend, since it has
    // no use for a second connection to block on.
    const worker = new Worker<number>(
      QUEUE_NAME,
      null,
      {
        ...this.options(),
        autorun: false,
        lockDuration: STUCK_AFTER_MS,
        stalledInterval: STUCK_AFTER_MS,
        maxStalledCount: Number.MAX_SAFE_INTEGER,
      },
      (name, options) => createRedisBackend(name, options),
    );
    worker.on('error', ignore);
    void worker.startStalledCheckTimer();
    return new JobFetcher(
      worker,
      () => this.link.isUp,
      () => {
        this.noteDepth(0, 'room');
      },
      (ids) => this.giveBack(ids),
    );
  }

  private options() {
    // Asking for the version would be a command that may fail, after which BullMQ never tries again.
    return {
      connection: this.link.client,
      prefix: this.settings.redisPrefix,
      skipVersionCheck: true,
    };
  }

  /** @throws when Redis is away, or out of memory */
  private async add(ids: readonly number[]): Promise<boolean[]> {
    if (!this.link.isUp) throw new Error('Redis is away');
    const waiting = await this.jobs.getWaitingCount();
    const fitting = ids.slice(0, Math.max(0, this.capacity - waiting));
    await this.jobs.addBulk(
      fitting.map((id) => ({ name: 'order', data: id, opts: { jobId: `order-${id}` } })),
    );
    this.waiting = waiting + fitting.length;
    this.fetcher?.wake();
    return ids.map((_, index) => index < fitting.length);
  }

  /** They were taken out already, and nobody is left here to work on them; others are quicker than the recovery. */
  private async giveBack(ids: readonly number[]): Promise<void> {
    await this.add(ids).catch(ignore);
  }

  private async measure(news: QueueNews): Promise<void> {
    if (!this.link.isUp) return;
    try {
      this.noteDepth(await this.jobs.getWaitingCount(), news);
    } catch (error) {
      this.logger.debug(`Redis did not say how many jobs wait: ${String(error)}`);
    }
  }

  private noteDepth(waiting: number, news: QueueNews): void {
    if (this.closing) return;
    this.waiting = waiting;
    this.news.next(news);
  }
}

/** The connection tells of its own troubles, and each caller of its own errors. */
function ignore(): void {
  // Nothing to do.
}
