import { Injectable, OnModuleDestroy } from '@nestjs/common';
import {
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
  type HealthIndicatorResult,
} from '@nestjs/terminus';
import { DataSource } from 'typeorm';
import { Database } from '../database/database.service';

/** A probe must answer before its caller's own timeout, which is a second or more with all common orchestrators. */
const PROBE_TIMEOUT_MS = 900;

const PING = { name: 'health_ping', text: 'SELECT 1' };

@Injectable()
export class HealthService implements OnModuleDestroy {
  private draining = false;
  private migrated = false;

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly source: DataSource,
    private readonly database: Database,
  ) {}

  /** From here on the node takes no new traffic; it still answers what comes. */
  onModuleDestroy(): void {
    this.draining = true;
  }

  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  ready(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.probe('database', () => this.ping()),
      () => this.probe('migrations', () => this.requireMigrated()),
      () => this.probe('not_draining', () => this.requireNotDraining()),
    ]);
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
