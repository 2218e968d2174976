import { readFile } from 'node:fs/promises';
import { DataSource } from 'typeorm';
import { withMigrationLock } from './migrate';

/**
 * Loads a SQL file, unless the catalog holds anything already: data that somebody has changed or deleted must not
 * come back at the next start.
 *
 * @returns whether it was loaded
 */
export async function seedDatabase(databaseUrl: string, file: string): Promise<boolean> {
  const source = new DataSource({ type: 'postgres', url: databaseUrl, poolSize: 2 });
  await source.initialize();
  try {
    return await withMigrationLock(source, async () => {
      const [catalog] = await source.query<{ used: boolean }[]>(
        `SELECT EXISTS (SELECT FROM users) OR EXISTS (SELECT FROM items) AS used`,
      );
      if (catalog?.used) return false;
      await source.query(await readFile(file, 'utf8'));
      return true;
    });
  } finally {
    await source.destroy();
  }
}
