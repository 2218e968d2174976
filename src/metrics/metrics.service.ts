import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.service';
import { COUNT_ORDERS, type OrderCounts } from './metrics.sql';

export interface QueueGauges {
  /** Ids in the queue. */
  readonly depth: number;
  readonly capacity: number;
  /** Since the order that waits longest became due; null when none waits. */
  readonly oldestPendingSeconds: number | null;
}

/** Of this node. */
export interface WorkerGauges {
  readonly total: number;
  readonly busy: number;
}

/** The sources that other modules register, by name. */
export interface MetricSources {
  readonly queue: QueueGauges;
  readonly workers: WorkerGauges;
}

export interface Metrics extends MetricSources {
  readonly orders: OrderCounts;
}

type Read<Name extends keyof MetricSources> = () =>
  MetricSources[Name] | Promise<MetricSources[Name]>;

/** What a node without the source reports: one that has no queue or no worker loops. */
const UNREGISTERED: MetricSources = {
  queue: { depth: 0, capacity: 0, oldestPendingSeconds: null },
  workers: { total: 0, busy: 0 },
};

/** Combines the counters in the database with the sources that other modules register. */
@Injectable()
export class MetricsService {
  private readonly sources: { [Name in keyof MetricSources]?: Read<Name> } = {};

  constructor(private readonly database: Database) {}

  /**
   * @param read gives the current values; called once for each request of the metrics
   * @throws Error when the name is registered already
   */
  register<Name extends keyof MetricSources>(name: Name, read: Read<Name>): void {
    if (name in this.sources) throw new Error(`Metrics source ${name} is registered already`);
    Object.assign(this.sources, { [name]: read });
  }

  async read(): Promise<Metrics> {
    const [orders, queue, workers] = await Promise.all([
      this.countOrders(),
      this.readSource('queue'),
      this.readSource('workers'),
    ]);
    return { orders, queue, workers };
  }

  private async readSource<Name extends keyof MetricSources>(
    name: Name,
  ): Promise<MetricSources[Name]> {
    const read = this.sources[name];
    return read ? await read() : UNREGISTERED[name];
  }

  private async countOrders(): Promise<OrderCounts> {
    const [counts] = await this.database.query(COUNT_ORDERS, []);
    if (!counts) throw new Error('order_status_counters has no rows');
    return counts;
  }
}
