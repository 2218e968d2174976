import { DynamicModule, Global, Logger, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MIGRATIONS } from '../../migrations';
import { DatabaseSettings } from '../config/database.settings';
import { Database } from './database.service';

/** The client times out a little after the server, so that the server's own, clearer error arrives first. */
const CLIENT_TIMEOUT_MARGIN_MS = 1_000;

/** How often a start tries to reach a database that is unavailable, and how long it waits between the tries. */
const CONNECT_ATTEMPTS = 10;
const CONNECT_RETRY_MS = 3_000;

/** The TypeORM connection and its pool, and the prepared statements on it. */
@Global()
@Module({})
export class DatabaseModule {
  static at(databaseUrl: string): DynamicModule {
    const logger = new Logger(DatabaseModule.name);
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [DatabaseSettings],
          useFactory: (settings: DatabaseSettings) => ({
            type: 'postgres',
            url: databaseUrl,
            autoLoadEntities: true,
            synchronize: false,
            migrations: MIGRATIONS,
            applicationName: 'order-service',
            poolSize: settings.databasePoolSize,
            retryAttempts: CONNECT_ATTEMPTS,
            retryDelay: CONNECT_RETRY_MS,
            poolErrorHandler: (error: Error) => {
              logger.warn(`Idle database connection lost: ${error.message}`);
            },
            extra: {
              connectionTimeoutMillis: settings.databaseConnectTimeoutMs,
              statement_timeout: settings.databaseStatementTimeoutMs,
              lock_timeout: settings.databaseLockTimeoutMs,
              query_timeout: settings.databaseStatementTimeoutMs + CLIENT_TIMEOUT_MARGIN_MS,
              keepAlive: true,
              // Right after a table fills from empty the planner's statistics still say that it is tiny, and a
              // prepared statement would keep a plan that reads all of it. No statement of the service should.
              options: '-c enable_seqscan=off',
            },
          }),
        }),
      ],
      providers: [Database],
      exports: [Database],
    };
  }
}
