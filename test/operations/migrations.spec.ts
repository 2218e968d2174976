import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../migrations';
import cli, { ENTITIES } from '../../ormconfig';
import { migrateDatabase } from '../../src/database/migrate';
import { seedDatabase } from '../../src/database/seed';
import { createEmptyDatabase, type TestDatabase } from '../support/database';
import { sql } from '../support/process-scene';
import { schemaOf } from '../support/schema';
import { onTestEnd } from '../support/running-test';
import { createOrder, TestNode } from '../support/service';

const SEED_FILE = join(__dirname, '../../seed/init.sql');

describe('a fresh database', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createEmptyDatabase();
  });
  afterEach(() => database.drop());

  async function withSource<T>(work: (source: DataSource) => Promise<T>): Promise<T> {
    const source = new DataSource({
      type: 'postgres',
      url: database.url,
      entities: ENTITIES,
      migrations: MIGRATIONS,
    });
    await source.initialize();
    queryOneByOne(source);
    try {
      return await work(source);
    } finally {
      await source.destroy();
    }
  }

  describe('the migrations', () => {
    it('go all up, all down, and all up again to the very same schema', async () => {
      const ran = await migrateDatabase(database.url);
      expect(ran).toHaveLength(MIGRATIONS.length);
      const before = await schemaOf(database.url);
      expect(before.length).toBeGreaterThan(50);
      await withSource(async (source) => {
        for (let left = MIGRATIONS.length; left > 0; left -= 1) await source.undoLastMigration();
        // TypeORM's own record of what has run, empty by now.
        expect(await source.query('SELECT FROM migrations')).toEqual([]);
        await source.query('DROP TABLE migrations');
      });
      expect(await schemaOf(database.url)).toEqual([]);
      expect(await migrateDatabase(database.url)).toEqual(ran);
      expect(await schemaOf(database.url)).toEqual(before);
      expect(await migrateDatabase(database.url)).toEqual([]);
    });

    it('make what the entities describe', async () => {
      await migrateDatabase(database.url);
      const log = await withSource((source) => source.driver.createSchemaBuilder().log());
      expect(log.upQueries.map(({ query }) => query)).toEqual([]);
    });

    it('run once, though five nodes start at once', async () => {
      const ran = await Promise.all(Array.from({ length: 5 }, () => migrateDatabase(database.url)));
      expect(ran.flat()).toHaveLength(MIGRATIONS.length);
    });

    it('are known to the CLI, whose data source connects to nothing by itself', () => {
      expect(cli.isInitialized).toBe(false);
      expect(cli.options.migrations).toBe(MIGRATIONS);
    });
  });

  describe('the seed', () => {
    beforeEach(() => migrateDatabase(database.url));

    async function everything(): Promise<unknown[]> {
      const tables = ['users', 'items', 'orders', 'order_events', 'order_status_counters'];
      const sequences = ['users_id_seq', 'items_id_seq', 'orders_id_seq', 'order_events_id_seq'];
      return Promise.all([
        ...tables.map((table) => sql(database.url, `SELECT * FROM ${table} ORDER BY 1, 2`)),
        ...sequences.map((name) => sql(database.url, `SELECT last_value, is_called FROM ${name}`)),
      ]);
    }

    it('loads again without a change', async () => {
      const seed = await readFile(SEED_FILE, 'utf8');
      await sql(database.url, seed);
      const once = await everything();
      await sql(database.url, seed);
      expect(await everything()).toEqual(once);
    });

    it('leaves the next numbers free', async () => {
      await seedDatabase(database.url, SEED_FILE);
      const ids = await sql<{ id: string }>(database.url, 'SELECT id FROM orders');
      const starting = TestNode.start(database.url);
      onTestEnd(async () => (await starting).close());
      const id = await createOrder(await starting);
      expect(ids.map((row) => Number(row.id))).not.toContain(id);
      await sql(database.url, `INSERT INTO users (name, email) VALUES ('New', 'new@example.com')`);
      await sql(database.url, `INSERT INTO items (name, price) VALUES ('New', 1)`);
    });

    it('has what the README promises', async () => {
      await seedDatabase(database.url, SEED_FILE);
      const [counts] = await sql<Record<string, number>>(
        database.url,
        `SELECT (SELECT count(*)::int FROM users) AS users, (SELECT count(*)::int FROM items) AS items,
           (SELECT sum(price)::float8 FROM items WHERE id IN (12, 3)) AS total,
           (SELECT count(*)::int FROM users WHERE id = 2) AS buyer,
           (SELECT count(*)::int FROM orders WHERE id = 2) AS shown`,
      );
      expect(counts).toMatchObject({ total: 55, buyer: 1, shown: 1 });
      expect(counts?.['users']).toBeGreaterThanOrEqual(10);
      expect(counts?.['items']).toBeGreaterThanOrEqual(24);
      const odd = await sql(
        database.url,
        `SELECT id FROM orders WHERE status <> 'COMPLETED' OR started_at < created_at OR finished_at > now()
           OR finished_at - started_at NOT BETWEEN interval '2 seconds' AND interval '7 seconds'
           OR total_amount <> (SELECT sum(price) FROM unnest(item_prices) AS price)
           OR NOT EXISTS (SELECT FROM users WHERE users.id = user_id)
           OR EXISTS (SELECT FROM unnest(item_ids) AS item WHERE item NOT IN (SELECT id FROM items))`,
      );
      expect(odd).toEqual([]);
    });

    it('comes once: what was deleted stays deleted', async () => {
      expect(await seedDatabase(database.url, SEED_FILE)).toBe(true);
      await sql(database.url, 'DELETE FROM items WHERE id = 7; DELETE FROM orders');
      expect(await seedDatabase(database.url, SEED_FILE)).toBe(false);
      expect(await sql(database.url, 'SELECT FROM items WHERE id = 7')).toEqual([]);
      expect(await sql(database.url, 'SELECT FROM orders')).toEqual([]);
      await sql(database.url, 'DELETE FROM items; DELETE FROM users');
      expect(await seedDatabase(database.url, SEED_FILE)).toBe(false);
      expect(await sql(database.url, 'SELECT FROM users')).toEqual([]);
    });

    it('comes once, though five nodes start at once', async () => {
      const loaded = await Promise.all(
        Array.from({ length: 5 }, () => seedDatabase(database.url, SEED_FILE)),
      );
      expect(loaded.filter(Boolean)).toHaveLength(1);
    });
  });
});

/** TypeORM's schema builder sends several queries at once on one connection, of which pg warns. */
function queryOneByOne(source: DataSource): void {
  const createQueryRunner = source.createQueryRunner.bind(source);
  source.createQueryRunner = (mode) => {
    const runner = createQueryRunner(mode);
    const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
    let last: Promise<unknown> = Promise.resolve();
    runner.query = (async (...args: unknown[]) => {
      const before = last;
      const ended = before.then(() => query(...args));
      last = ended.catch(() => undefined);
      return ended;
    }) as typeof runner.query;
    return runner;
  };
}
