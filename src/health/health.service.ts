import { setTimeout } from 'node:timers/promises';
import { Injectable, OnModuleDestroy } from '@nestjs/common';
import {
  HealthCheckService,
  HealthIndicatorService,
  TypeOrmHealthIndicator,
  type HealthCheckResult,
  type HealthIndicatorResult,
} from '@nestjs/terminus';
import { DataSource } from 'typeorm';
import { OrderQueue } from '../processing/queue/order-queue';

/** A probe must answer before its caller gives up, which is after a second with common orchestrators. */
const PROBE_TIMEOUT_MS = 900;

/** `degraded`: every request is served, but orders may be processed later than usual. */
export type Readiness = Omit<HealthCheckResult, 'status'> & {
  readonly status: HealthCheckResult['status'] | 'degraded';
};

@Injectable()
export class HealthService implements OnModuleDestroy {
  private draining = false;
  private migrated = false;

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly database: TypeOrmHealthIndicator,
    private readonly source: DataSource,
    private readonly queue: OrderQueue,
  ) {}

  /** From here on the node is not ready, so that balancers send no new requests; it still answers those that come. */
  onModuleDestroy(): void {
    this.draining = true;
  }

  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  /**
   * A node without its queue engine accepts orders, so it is ready, and reports what is missing.
   *
   * @throws ServiceUnavailableException with the result of the checks, which the problem filter turns into `not_ready`
   */
  async ready(): Promise<Readiness> {
    const result = await this.health.check([
      () => this.database.pingCheck('database', { timeout: PROBE_TIMEOUT_MS }),
      () => this.checkMigrations(),
      () => this.checkNotDraining(),
    ]);
    const { unavailableReason } = this.queue;
    if (unavailableReason === undefined) return result;
    const error = this.indicators.check('redis').down(unavailableReason);
    return { ...result, status: 'degraded', error, details: { ...result.details, ...error } };
  }

  private async checkMigrations(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('migrations');
    // Once nothing is pending, nothing ever is: a node runs no code that is older than its migrations.
    this.migrated ||= await this.isMigrated();
    return this.migrated ? indicator.up() : indicator.down('run npm run migration:run');
  }

  /** @returns false as well when the database does not tell in time */
  private isMigrated(): Promise<boolean> {
    const answer = this.source.showMigrations().then(
      (pending) => !pending,
      () => false,
    );
    return Promise.race([answer, setTimeout(PROBE_TIMEOUT_MS, false, { ref: false })]);
  }

  private checkNotDraining(): HealthIndicatorResult {
    const indicator = this.indicators.check('not_draining');
    return this.draining ? indicator.down('shutting down') : indicator.up();
  }
}
