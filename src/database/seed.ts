import { readFile } from 'node:fs/promises';
import { DataSource } from 'typeorm';
import { withMigrationLock } from './migrate';

/** The sequences remember, even when all that they numbered was deleted. */
const USED = `
  SELECT EXISTS (SELECT FROM users) OR EXISTS (SELECT FROM items)
    OR (SELECT is_called FROM users_id_seq) OR (SELECT is_called FROM items_id_seq) AS used`;

/**
 * Loads a SQL file, unless the catalog holds anything already, or once did: data that somebody has changed or deleted must not
 * come back at the next start.
 *
 * @returns whether it was loaded
 */
export async function seedDatabase(databaseUrl: string, file: string): Promise<boolean> {
  const source = new DataSource({ type: 'postgres', url: databaseUrl, poolSize: 2 });
  await source.initialize();
  try {
    return await withMigrationLock(source, async () => {
      const [catalog] = await source.query<{ used: boolean }[]>(USED);
      if (catalog?.used) return false;
      await source.query(await readFile(file, 'utf8'));
      return true;
    });
  } finally {
    await source.destroy();
  }
}
