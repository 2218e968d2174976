import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { QUOTE } from '../../src/catalog/catalog.sql';
import type { Statement } from '../../src/database/statement';
import { accept, CANCEL, RETRY } from '../../src/orders/orders.sql';
import * as claims from '../../src/processing/claims/claims.sql';
import { createDatabase, type TestDatabase } from '../support/database';

/** Orders that are PENDING beside those that the statements ask for. */
const BACKLOG = 100_000;

/**
 * Pages that a statement may touch for a handful of orders: some for each order, index entry and trigger. A scan of the
 * table or of one of its indexes touches hundreds to thousands.
 */
const MAX_PAGES = 400;

/** The node whose claims the statements settle, find and release. */
const NODE = randomUUID();

type Values = readonly (Scalar | readonly Scalar[])[];

interface Plan {
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}

/** When the statistics of `orders` were taken: before the backlog came, or never. */
const STATISTICS = {
  'taken when the table was empty': { before: 0, analyse: true },
  'taken at 100 orders': { before: 100, analyse: true },
  'never taken': { before: 100, analyse: false },
};

/** Each statement with values that concern a few orders: PENDING ones from 1, claimed ones from -1 downwards. */
const STATEMENTS: Record<string, [Statement<never, never>, Values]> = {
  settle: [
    claims.STEP as never,
    [
      [-3, -2, -1],
      [1, 1, 1],
      ['COMPLETED', 'FAILED', 'PENDING'],
      [0, 0, 0],
      [0, 0, 0],
      [null, 'no', 'no'],
      NODE,
      [],
    ],
  ],
  claim: [claims.STEP as never, [[], [], [], [], [], [], NODE, [50_001, 50_002, 50_003]]],
  'settle and claim': [
    claims.STEP as never,
    [
      [-2, -1],
      [1, 1],
      ['COMPLETED', 'COMPLETED'],
      [0, 0],
      [0, 0],
      [null, null],
      NODE,
      [50_001, 50_002],
    ],
  ],
  'find ready': [claims.FIND_READY as never, [3]],
  'next due': [claims.NEXT_DUE as never, []],
  'longest wait': [claims.LONGEST_WAIT as never, []],
  rescue: [claims.RESCUE as never, [30_000, 600_000, 500, 5, 'false']],
  'find held': [claims.FIND_HELD as never, [[-3, -2, -1], [1, 1, 1], NODE]],
  'release unknown': [claims.RELEASE_UNKNOWN as never, [NODE, [-3], 30_000]],
  accept: [accept(false, true) as never, ['{2,2}', '{"{12,3}","{3}"}', '{55,18}']],
  'accept with keys': [
    accept(true, true) as never,
    ['{2,2}', '{"{12,3}","{3}"}', '{55,18}', [randomUUID(), null]],
  ],
  cancel: [CANCEL as never, [50_001]],
  retry: [RETRY as never, [50_001]],
  quote: [QUOTE as never, [2, [12, 3]]],
};

describe.each(Object.entries(STATISTICS))('with statistics %s', (_, { before, analyse }) => {
  let database: TestDatabase | undefined;
  let client: Client;

  beforeAll(async () => {
    database = await createDatabase();
    client = new Client({
      connectionString: database.url,
      application_name: 'test',
      options: '-c enable_seqscan=off -c plan_cache_mode=force_generic_plan',
    });
    await client.connect();
    await client.query('ALTER TABLE orders SET (autovacuum_enabled = off)');
    await insert(`SELECT id, 'PENDING' FROM generate_series(1, ${before}) AS id`);
    if (analyse) await client.query('ANALYZE orders');
    await insert(`SELECT -id, 'PROCESSING' FROM generate_series(1, 5) AS id`);
    // Here each statement gets its plan, which it keeps: nothing tells PostgreSQL that the table grows.
    for (const [name, [statement, values]] of Object.entries(STATEMENTS)) {
      const { text } = statement as Statement<[], object>;
      await client.query(`PREPARE ${nameOf(name)} AS ${text}`);
      await pagesOf(name, values);
    }
    await insert(`SELECT id, 'PENDING' FROM generate_series(${before + 1}, ${BACKLOG}) AS id`);
    await client.query(`SELECT setval('orders_id_seq', ${BACKLOG})`);
  }, 120_000);

  afterAll(async () => {
    await client.end();
    await database?.drop();
  });

  async function insert(rows: string): Promise<void> {
    await client.query(`
      INSERT INTO orders (id, user_id, item_ids, item_prices, total_amount, status, attempt, claimed_by, started_at)
      SELECT id, 2, '{12,3}', '{37.00,18.00}', 55, status::order_status,
        (status = 'PROCESSING')::integer, CASE status WHEN 'PROCESSING' THEN '${NODE}'::uuid END,
        CASE status WHEN 'PROCESSING' THEN now() - interval '1 hour' END
      FROM (${rows}) AS r (id, status)`);
  }

  /** Runs a prepared statement by its generic plan, rolls it back, and counts the pages that it touched. */
  async function pagesOf(name: string, values: Values): Promise<number> {
    await client.query('BEGIN');
    try {
      const prepared = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE ${nameOf(name)}`;
      const list = values.map((value) => client.escapeLiteral(literalOf(value)));
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
        list.length > 0 ? `${prepared} (${list.join(', ')})` : prepared,
      );
      const plan = rows[0]?.['QUERY PLAN'][0].Plan;
      return (plan?.['Shared Hit Blocks'] ?? NaN) + (plan?.['Shared Read Blocks'] ?? NaN);
    } finally {
      await client.query('ROLLBACK');
    }
  }

  it.each(Object.entries(STATEMENTS))('%s touches a few pages', async (name, [, values]) => {
    expect(await pagesOf(name, values)).toBeLessThan(MAX_PAGES);
  });
});

/** Of the prepared statement. */
function nameOf(name: string): string {
  return name.replaceAll(' ', '_');
}

type Scalar = string | number | null;

function literalOf(value: Scalar | readonly Scalar[]): string {
  if (!Array.isArray(value)) return String(value);
  return `{${value.map((element: Scalar) => element ?? 'NULL').join(',')}}`;
}
