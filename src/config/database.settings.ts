import { IsOptional, IsString } from 'class-validator';
import { Address, Flag, Milliseconds, Whole } from './settings.decorators';

/** PostgreSQL, embedded or by DATABASE_URL. */
export class DatabaseSettings {
  /** Unset: an embedded PostgreSQL in `dataDir`. */
  @IsOptional()
  @Address('postgres', 'postgresql')
  readonly databaseUrl: string | undefined = undefined;

  /** Folder of the embedded PostgreSQL. */
  @IsString()
  readonly dataDir: string = '.data';

  /** Group commit needs few connections; ten serve the reads beside it. */
  @Whole(3, 1000)
  readonly databasePoolSize: number = 10;

  /** A caller waits no longer than this for a connection before it is told that the database is away. */
  @Milliseconds(100, 60_000)
  readonly databaseConnectTimeoutMs: number = 5_000;

  /** No statement of the service takes seconds; one that does hangs on a lock or on a dead connection. */
  @Milliseconds(100, 600_000)
  readonly databaseStatementTimeoutMs: number = 10_000;

  /** A statement that waits longer for a lock of another transaction is rolled back: its caller is told to retry. */
  @Milliseconds(10, 600_000)
  readonly databaseLockTimeoutMs: number = 2_000;

  @Flag()
  readonly migrateOnStart: boolean = true;

  /** Unset: true on the embedded database, false elsewhere. */
  @IsOptional()
  @Flag()
  readonly seedOnStart: boolean | undefined = undefined;
}
