import { readFile } from 'node:fs/promises';
import { DataSource } from 'typeorm';
import { withMigrationLock } from './migrate';

/** The sequences show that rows once existed, even when all were deleted. */
const USED = `
  SELECT EXISTS (SELECT FROM users) OR EXISTS (SELECT FROM items)
    OR (SELECT is_called FROM users_id_seq) OR (SELECT is_called FROM items_id_seq) AS used`;

/**
 * Loads a SQL file, unless the catalog contains rows or once did: data that was changed or deleted must not return at the
 * next start.
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
