import { DataSource, type Migration } from 'typeorm';
import { MIGRATIONS } from '../../migrations';

/** Key of the advisory lock that lets one node migrate while the others wait: any constant of our own will do. */
const MIGRATION_LOCK = 4_711_080_001;

/**
 * A data source whose migrations run under an advisory lock, since TypeORM takes none: three nodes starting on
 * an empty database would all create the same tables.
 */
export class MigratingDataSource extends DataSource {
  override runMigrations(
    options?: Parameters<DataSource['runMigrations']>[0],
  ): Promise<Migration[]> {
    return withMigrationLock(this, () => super.runMigrations(options));
  }
}

/**
 * Brings a database up to date; safe with many nodes starting at once.
 *
 * @returns the names of the migrations that ran, none when it was up to date
 */
export async function migrateDatabase(databaseUrl: string): Promise<string[]> {
  const source = new MigratingDataSource({
    type: 'postgres',
    url: databaseUrl,
    migrations: MIGRATIONS,
    poolSize: 2,
    applicationName: 'order-service migrations',
  });
  await source.initialize();
  try {
    const ran = await source.runMigrations({ transaction: 'each' });
    return ran.map(({ name }) => name);
  } finally {
    await source.destroy();
  }
}

/** Runs `work` while this node holds the lock, which a session's end frees too. */
export async function withMigrationLock<T>(source: DataSource, work: () => Promise<T>): Promise<T> {
  const runner = source.createQueryRunner();
  await runner.connect();
  try {
    await runner.query(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
    try {
      return await work();
    } finally {
      await runner.query(`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`);
    }
  } finally {
    await runner.release();
  }
}
