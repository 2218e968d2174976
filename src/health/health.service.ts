import { Injectable, OnModuleDestroy, ServiceUnavailableException } from '@nestjs/common';
import {
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
  type HealthIndicatorFunction,
  type HealthIndicatorResult,
} from '@nestjs/terminus';
import { DataSource } from 'typeorm';
import { Database } from '../database/database.service';
import { OrderQueue } from '../processing/queue/order-queue';
import { NotReadyError } from './health-errors';

/** A probe must answer before its caller's own timeout, which is a second or more with all common orchestrators. */
const PROBE_TIMEOUT_MS = 900;

const PING = { name: 'health_ping', text: 'SELECT 1' };

/** `degraded`: everything is served, only slower than it should be. */
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
    private readonly source: DataSource,
    private readonly database: Database,
    private readonly queue: OrderQueue,
  ) {}

  /** From here on the node takes no new traffic; it still answers what comes. */
  onModuleDestroy(): void {
    this.draining = true;
  }

  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  /**
   * Without its queue a node takes orders all the same, and must be sent them: it is ready, but says what it misses.
   *
   * @throws NotReadyError
   */
  async ready(): Promise<Readiness> {
    const result = await this.check([
      () => this.probe('database', () => this.ping()),
      () => this.probe('migrations', () => this.requireMigrated()),
      () => this.probe('not_draining', () => this.requireNotDraining()),
    ]);
    const { unavailableReason } = this.queue;
    if (unavailableReason === undefined) return result;
    const redis = { status: 'down', message: unavailableReason } as const;
    return {
      ...result,
      status: 'degraded',
      error: { redis },
      details: { ...result.details, redis },
    };
  }

  /** Terminus tells what is down by an exception with its result, which is no problem document. */
  private async check(indicators: HealthIndicatorFunction[]): Promise<HealthCheckResult> {
    try {
      return await this.health.check(indicators);
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      const { error: down } = error.getResponse() as HealthCheckResult;
      throw new NotReadyError(Object.keys(down ?? {}));
    }
  }

  private async ping(): Promise<void> {
    await this.database.query(PING, []);
  }

  private async requireMigrated(): Promise<void> {
    // Once up to date, always: a node never runs before its own migrations.
    if (!this.migrated && (await this.source.showMigrations())) {
      throw new Error('migrations are pending: run npm run migration:run');
    }
    this.migrated = true;
  }

  private requireNotDraining(): Promise<void> {
    return this.draining ? Promise.reject(new Error('shutting down')) : Promise.resolve();
  }

  private async probe(name: string, check: () => Promise<void>): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(name);
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer within ${PROBE_TIMEOUT_MS} ms`));
      }, PROBE_TIMEOUT_MS);
    });
    try {
      await Promise.race([check(), timeout]);
      return indicator.up();
    } catch (error) {
      return indicator.down(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(timer);
    }
  }
}
