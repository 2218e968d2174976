import { Injectable, OnModuleInit, Optional } from '@nestjs/common';
import { MetricsService } from '../metrics/metrics.service';
import { OrderClaims } from './claims/order-claims.service';
import { OrderQueue } from './queue/order-queue';
import { WorkerPool } from './workers/worker-pool.service';

/** Shows the metrics how full the queue is and how busy the loops are. */
@Injectable()
export class ProcessingGauges implements OnModuleInit {
  constructor(
    private readonly metrics: MetricsService,
    private readonly queue: OrderQueue,
    private readonly claims: OrderClaims,
    @Optional() private readonly pool?: WorkerPool,
  ) {}

  onModuleInit(): void {
    this.metrics.registerQueue(async () => ({
      depth: this.queue.depth,
      capacity: this.queue.capacity,
      oldestPendingSeconds: await this.claims.longestWaitSeconds(),
    }));
    const { pool } = this;
    if (pool) this.metrics.registerWorkers(() => ({ total: pool.total, busy: pool.busy }));
  }
}
