import { IsOptional, IsString } from 'class-validator';
import { Flag, Integer, Milliseconds, Url } from './settings.decorators';

/** PostgreSQL: the one at DATABASE_URL, or the embedded one. */
export class DatabaseSettings {
  /** Unset: an embedded PostgreSQL, with its data in `dataDir`. */
  @IsOptional()
  @Url('postgres', 'postgresql')
  readonly databaseUrl: string | undefined = undefined;

  /**
   * Folder of the embedded PostgreSQL. The default is relative to the project's folder, a value from the environment
   * to the caller's current folder; {@link loadSettings} makes both absolute.
   */
  @IsString()
  readonly dataDir: string = '.data';

  /** Connections. Group commit needs few; ten also serve the reads. Below three, reads would wait for writes. */
  @Integer(3, 1000)
  readonly databasePoolSize: number = 10;

  /** How long a request waits for a connection before it is answered with 503. */
  @Milliseconds(100, 60_000)
  readonly databaseConnectTimeoutMs: number = 5_000;

  /** How long a statement may take. None needs seconds, so one that does waits for a lock or a dead connection. */
  @Milliseconds(100, 600_000)
  readonly databaseStatementTimeoutMs: number = 10_000;

  /** A statement that waits longer for a lock of another transaction is rolled back: its caller is told to retry. */
  @Milliseconds(10, 600_000)
  readonly databaseLockTimeoutMs: number = 2_000;

  /** Whether the start applies migrations; safe with many nodes that start at once. */
  @Flag()
  readonly migrateOnStart: boolean = true;

  /** Whether the start loads the seed data into an empty catalog. Unset: true on the embedded database only. */
  @IsOptional()
  @Flag()
  readonly seedOnStart: boolean | undefined = undefined;
}
