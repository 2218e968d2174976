import { DynamicModule, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { ConfigModule } from './config/config.module';
import type { Settings } from './config/settings';
import { DatabaseModule } from './database/database.module';
import { HealthModule } from './health/health.module';
import { HistoryModule } from './history/history.module';
import { HttpModule } from './http/http.module';
import { MetricsModule } from './metrics/metrics.module';
import { OrdersModule } from './orders/orders.module';
import { ProcessingModule } from './processing/processing.module';

export interface AppOptions {
  readonly settings: Settings;
  readonly databaseUrl: string;
  /** Whether no other node can use the database: true for the embedded one. */
  readonly soleNode: boolean;
}

@Module({})
export class AppModule {
  static with({ settings, databaseUrl, soleNode }: AppOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(settings),
        DatabaseModule.at(databaseUrl),
        ScheduleModule.forRoot(),
        HttpModule,
        OrdersModule,
        ProcessingModule.with(settings, soleNode),
        MetricsModule,
        HistoryModule,
        HealthModule,
      ],
    };
  }
}
