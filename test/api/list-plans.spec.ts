import { DataSource, type Logger } from 'typeorm';
import { defaultSettings } from '../../src/config/settings';
import { Database } from '../../src/database/database.service';
import { Order } from '../../src/orders/order.entity';
import { OrdersRepository, type OrderFilter } from '../../src/orders/orders.repository';
import { createDatabase, type TestDatabase } from '../support/database';

const ROWS = 1_000_000;
const LIMIT = 20;

/** A user who placed the oldest tenth of all orders, and has long been away. */
const ONCE_REGULAR = 1;

/** Blocks of the table and of its indexes that one page may touch: one for each order, and a few more. */
const MAX_BLOCKS = 2 * LIMIT;

/** One node of a plan, as EXPLAIN gives it. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly PlanNode[];
}

/** Keeps the statements that TypeORM sends. */
class Recorder implements Logger {
  readonly statements: { readonly text: string; readonly values: unknown[] }[] = [];

  logQuery(text: string, values: unknown[] = []): void {
    this.statements.push({ text, values });
  }

  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}

function allNodes(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(allNodes)];
}

describe(`list_orders among ${ROWS} orders`, () => {
  const recorder = new Recorder();
  let database: TestDatabase | undefined;
  let source: DataSource;

  beforeAll(async () => {
    database = await createDatabase();
    // Unlike the service, which forbids sequential scans: here the planner has to prefer the index by itself.
    source = new DataSource({
      type: 'postgres',
      url: database.url,
      entities: [Order],
      logger: recorder,
      logging: ['query'],
    });
    await source.initialize();
    await fill(source);
  }, 300_000);

  afterAll(async () => {
    await source.destroy();
    await database?.drop();
  });

  /** The plan of the very statement that the repository sends, carried out. */
  async function explain(filter: Omit<OrderFilter, 'limit'>): Promise<PlanNode[]> {
    recorder.statements.length = 0;
    const repository = new OrdersRepository(
      defaultSettings(),
      new Database(source, defaultSettings()),
      source.getRepository(Order),
    );
    await repository.list({ ...filter, limit: LIMIT });
    expect(recorder.statements).toHaveLength(1);
    const [{ text, values } = { text: '', values: [] }] = recorder.statements;
    const [row] = await source.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }[]>(
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
      values,
    );
    if (!row) throw new Error('EXPLAIN gave no plan');
    return allNodes(row['QUERY PLAN'][0].Plan);
  }

  const early = new Date(Date.UTC(2040, 0, 2));
  const middle = new Date(Date.UTC(2040, 0, 16));
  const filters: [string, string, Omit<OrderFilter, 'limit'>][] = [
    ['nothing', 'orders_newest', {}],
    ['a common status', 'orders_newest_of_status', { status: 'COMPLETED' }],
    ['a status of old orders only', 'orders_newest_of_status', { status: 'FAILED' }],
    ['a status that no order has', 'orders_newest_of_status', { status: 'PROCESSING' }],
    ['a user of old orders only', 'orders_newest_of_user', { userId: ONCE_REGULAR }],
    ['a user of few orders', 'orders_newest_of_user', { userId: 4_711 }],
    ['a user without orders', 'orders_newest_of_user', { userId: 2_000_000 }],
    ['after', 'orders_newest', { createdAfter: middle }],
    ['before', 'orders_newest', { createdBefore: middle }],
    ['a user and a status', 'orders_newest_of_user', { userId: ONCE_REGULAR, status: 'FAILED' }],
    ['between', 'orders_newest', { createdAfter: early, createdBefore: middle }],
    [
      'an old user before',
      'orders_newest_of_user',
      { userId: ONCE_REGULAR, createdBefore: middle },
    ],
    [
      'an old status before',
      'orders_newest_of_status',
      { status: 'FAILED', createdBefore: middle },
    ],
  ];

  describe.each([
    ['the first page', undefined],
    ['a later page', ROWS / 2],
    ['the last page', 10],
  ])('%s', (_, afterId) => {
    it.each(filters)('of %s reads a short range of %s', async (_name, index, filter) => {
      const nodes = await explain({ ...filter, afterId });
      expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
      expect(nodes.filter((node) => node['Node Type'].includes('Sort'))).toEqual([]);
      expect(nodes.map((node) => node['Index Name'])).toContain(index);
      for (const node of nodes) {
        const rows = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0);
        // Of a user's orders only every second one has the status that is asked for, too.
        expect(rows * node['Actual Loops']).toBeLessThanOrEqual(2 * LIMIT);
      }
      const root = nodes[0];
      expect(root && root['Shared Hit Blocks'] + root['Shared Read Blocks']).toBeLessThanOrEqual(
        MAX_BLOCKS,
      );
    });
  });
});

/** A month of trade that changed after its first days: statistics alone do not tell where the orders of one user are. */
async function fill(source: DataSource): Promise<void> {
  await source.query('ALTER TABLE orders DISABLE TRIGGER USER');
  await source.query(`
    INSERT INTO orders (user_id, item_ids, item_prices, total_amount, status, attempt, created_at, finished_at)
    SELECT
      CASE WHEN n <= ${ROWS / 10} THEN ${ONCE_REGULAR} ELSE 2 + n % 100000 END,
      '{12}', '{37.00}', 37.00,
      status::order_status, 1, at, CASE WHEN status <> 'PENDING' THEN at END
    FROM generate_series(1, ${ROWS}) AS n,
      LATERAL (SELECT
        timestamptz '2040-01-01Z' + n * interval '2.5 seconds' AS at,
        CASE WHEN n <= ${ROWS / 10} THEN CASE n % 2 WHEN 0 THEN 'FAILED' ELSE 'CANCELLED' END
          ELSE 'COMPLETED' END AS status) AS made`);
  await source.query('ANALYZE orders');
}
