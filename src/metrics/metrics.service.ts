import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.service';

export interface QueueGauges {
  /** Ids in memory. */
  readonly depth: number;
  readonly capacity: number;
  /** Since the first order in line became due; null when none waits. */
  readonly oldestPendingSeconds: number | null;
}

export interface WorkerGauges {
  readonly total: number;
  readonly busy: number;
}

export interface OrderCounts {
  readonly pending: number;
  readonly processing: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Start to finish, over the completed orders; null before the first. */
  readonly averageProcessingSeconds: number | null;
  /** Creation to finish, over the completed orders; null before the first. */
  readonly averageCompletionSeconds: number | null;
}

export interface Metrics {
  readonly orders: OrderCounts;
  readonly queue: QueueGauges;
  readonly workers: WorkerGauges;
}

/** Sums 64 rows, however many orders there are. */
const COUNTS = {
  name: 'metrics_counts',
  text: `
    SELECT
      sum(pending)::float8 AS pending, sum(processing)::float8 AS processing,
      sum(completed)::float8 AS completed, sum(failed)::float8 AS failed,
      sum(cancelled)::float8 AS cancelled,
      (sum(processing_us) / nullif(sum(completed), 0) / 1e6)::float8 AS "averageProcessingSeconds",
      (sum(completion_us) / nullif(sum(completed), 0) / 1e6)::float8 AS "averageCompletionSeconds"
    FROM order_status_counters`,
};

/** Gathers what the counters say with the gauges that their owners register. */
@Injectable()
export class MetricsService {
  // A node without workers has neither.
  private readQueue: () => Promise<QueueGauges> = () =>
    Promise.resolve({ depth: 0, capacity: 0, oldestPendingSeconds: null });
  private readWorkers: () => WorkerGauges = () => ({ total: 0, busy: 0 });

  constructor(private readonly database: Database) {}

  registerQueue(read: () => Promise<QueueGauges>): void {
    this.readQueue = read;
  }

  registerWorkers(read: () => WorkerGauges): void {
    this.readWorkers = read;
  }

  async read(): Promise<Metrics> {
    const [orders, queue] = await Promise.all([this.count(), this.readQueue()]);
    return { orders, queue, workers: this.readWorkers() };
  }

  private async count(): Promise<OrderCounts> {
    const [counts] = await this.database.query<OrderCounts>(COUNTS, []);
    if (!counts) throw new Error('order_status_counters gave no sum');
    return counts;
  }
}
