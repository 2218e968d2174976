import { Injectable, OnModuleInit, Optional } from '@nestjs/common';
import { MetricsService } from '../metrics/metrics.service';
import { ClaimsRepository } from './claims/claims.repository';
import { OrderQueue } from './queue/order-queue';
import { WorkerPool } from './workers/worker-pool.service';

/** Registers what processing contributes to the metrics: the queue, and the worker loops where there are any. */
@Injectable()
export class ProcessingGauges implements OnModuleInit {
  constructor(
    private readonly metrics: MetricsService,
    private readonly queue: OrderQueue,
    private readonly claims: ClaimsRepository,
    @Optional() private readonly pool?: WorkerPool,
  ) {}

  onModuleInit(): void {
    this.metrics.register('queue', async () => ({
      depth: this.queue.depth,
      capacity: this.queue.capacity,
      oldestPendingSeconds: await this.claims.longestWaitSeconds(),
    }));
    const { pool } = this;
    if (pool) this.metrics.register('workers', () => ({ total: pool.total, busy: pool.busy }));
  }
}
