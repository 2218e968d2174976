import { DataSource, type Migration } from 'typeorm';
import { MIGRATIONS } from '../../migrations';

/** Key of the advisory lock under which one node migrates while the others wait: any number that nothing else uses. */
const MIGRATION_LOCK = 4_711_080_001;

/**
 * A data source that applies migrations under an advisory lock. TypeORM takes none, so that several nodes that start on an
 * empty database would all create the same tables.
 */
export class MigratingDataSource extends DataSource {
  override runMigrations(
    options?: Parameters<DataSource['runMigrations']>[0],
  ): Promise<Migration[]> {
    return withMigrationLock(this, () => super.runMigrations(options));
  }
}

/**
 * Applies the pending migrations. Safe with many nodes that start at once.
 *
 * @returns the names of the applied migrations, none if the database was up to date
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
    const applied = await source.runMigrations({ transaction: 'each' });
    return applied.map(({ name }) => name);
  } finally {
    await source.destroy();
  }
}

/** Runs `work` under the lock, which is also released when the session ends. */
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
