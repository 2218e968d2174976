import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { CatalogService } from '../../src/catalog/catalog.service';
import { defaultSettings } from '../../src/config/settings';
import { Database } from '../../src/database/database.service';
import type { Statement } from '../../src/database/statement';
import { Order } from '../../src/orders/order.entity';
import { OrdersRepository } from '../../src/orders/orders.repository';
import { expectProblem } from '../support/problem';
import { call, createOrder, ORDER, Scene, TestNode } from '../support/service';

const create = (node: TestNode, body: object) => call(`${node.url}/order/create_order`, { body });

/** Keeps the statements that a repository sends, with their values. */
class Recorder extends Database {
  readonly sent: { readonly text: string; readonly values: readonly unknown[] }[] = [];

  override query<Params extends readonly unknown[], Row extends object>(
    statement: Statement<Params, Row>,
    values: Params,
  ): Promise<Row[]> {
    this.sent.push({ text: statement.text, values });
    return super.query(statement, values);
  }
}

/** One node of a plan, as EXPLAIN gives it. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

const allNodes = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(allNodes)];

describe('the statement that accepts orders', () => {
  const scene = new Scene();

  it('accepts the valid orders of a batch, and tells each other caller what is wrong', async () => {
    const node = await scene.start();
    await scene.sql('DELETE FROM orders');
    const kinds = [
      { body: ORDER, status: 201, code: undefined },
      { body: { ...ORDER, total_amount: 54.99 }, status: 422, code: 'total_mismatch' },
      { body: { ...ORDER, user_id: 999 }, status: 422, code: 'unknown_user' },
      { body: { ...ORDER, item_ids: [12, 999] }, status: 422, code: 'unknown_item' },
      {
        body: { user_id: 9, item_ids: [25], total_amount: 0 },
        status: 422,
        code: 'total_mismatch',
      },
    ];
    const callers = Array.from({ length: 20 }, () => kinds).flat();
    const answers = await Promise.all(callers.map(({ body }) => create(node, body)));
    answers.forEach(({ status, body }, index) => {
      const { status: wanted, code } = callers[index] ?? {};
      expect({ status, code: body['code'] }).toEqual({ status: wanted, code });
    });
    const [row] = await scene.sql<{ count: number }>('SELECT count(*)::integer FROM orders');
    expect(row?.count).toBe(20);
    await scene.expectCountersExact();
  });

  it('gives ids in the order in which a batch was sent, the refused ones left out', async () => {
    const node = await scene.start();
    await scene.sql('DELETE FROM orders');
    await scene.sql('DELETE FROM order_events');
    const repository = node.get(OrdersRepository);
    const draft = { userId: 2, itemIds: [12, 3], totalCents: 5500, idempotencyKey: undefined };
    const batch = Array.from({ length: 100 }, (_, index) => ({
      ...draft,
      totalCents: index % 3 === 0 ? 1 : draft.totalCents,
      idempotencyKey: index % 2 === 0 ? `key-${index}` : undefined,
    }));
    const orders = await Promise.all(batch.map((each) => repository.accept(each)));
    const ids = orders.flatMap((order) => (order ? [order.id] : []));
    expect(orders.map((order) => order === undefined)).toEqual(
      batch.map(({ totalCents }) => totalCents === 1),
    );
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    const events = await scene.sql<{ order_id: string }>(
      'SELECT order_id FROM order_events WHERE from_status IS NULL ORDER BY id',
    );
    expect(events.map(({ order_id }) => Number(order_id))).toEqual(ids);
    const keys = await scene.sql<{ id: string; idempotency_key: string | null }>(
      'SELECT id, idempotency_key FROM orders ORDER BY id',
    );
    expect(keys.map(({ id, idempotency_key: key }) => [Number(id), key])).toEqual(
      orders.flatMap((order) => (order ? [[order.id, order.idempotencyKey]] : [])),
    );
  });

  it('keeps the prices of the moment, in the order of the items', async () => {
    const node = await scene.start();
    const pricesOf = async (id: number) => {
      const [row] = await scene.sql<{ prices: string }>(
        'SELECT item_prices::text AS prices FROM orders WHERE id = $1',
        [id],
      );
      return row?.prices;
    };
    await scene.sql(`UPDATE items SET price = CASE id WHEN 12 THEN 1.10 ELSE 2.05 END`);
    const before = await createOrder(node, {
      user_id: 2,
      item_ids: [3, 12, 3, 12, 12],
      total_amount: 7.4,
    });
    expect(await pricesOf(before)).toBe('{2.05,1.10,2.05,1.10,1.10}');
    await scene.sql(`UPDATE items SET price = price + 1`);
    expectProblem(
      await create(node, { user_id: 2, item_ids: [3, 12], total_amount: 3.15 }),
      422,
      'total_mismatch',
    );
    const after = await createOrder(node, { user_id: 2, item_ids: [3, 12], total_amount: 5.15 });
    expect(await pricesOf(after)).toBe('{3.05,2.10}');
    expect(await pricesOf(before)).toBe('{2.05,1.10,2.05,1.10,1.10}');
  });

  it('accepts an order for which the catalog was put right after it had been refused', async () => {
    const node = await scene.start();
    await scene.sql('UPDATE items SET price = price + 1 WHERE id = 3');
    const catalog = node.get(CatalogService);
    const quote = catalog.quote.bind(catalog);
    let asked = 0;
    catalog.quote = async (...args) => {
      asked += 1;
      await scene.sql('UPDATE items SET price = price - 1 WHERE id = 3');
      return quote(...args);
    };
    await createOrder(node);
    expect(asked).toBe(1);
  });

  it('accepts an order whose key became free after it had been refused', async () => {
    const node = await scene.start();
    const headers = { 'Idempotency-Key': 'k' };
    const url = `${node.url}/order/create_order`;
    const first = await call(url, { body: ORDER, headers });
    const repository = node.get(OrdersRepository);
    const findByKey = repository.findByKey.bind(repository);
    let asked = 0;
    repository.findByKey = async (key) => {
      asked += 1;
      await scene.sql('DELETE FROM orders WHERE idempotency_key = $1', [key]);
      return findByKey(key);
    };
    const second = await call(url, { body: ORDER, headers });
    expect(second.status).toBe(201);
    expect(second.headers.get('idempotent-replayed')).toBeNull();
    expect(second.body['order_id']).not.toBe(first.body['order_id']);
    expect(asked).toBe(1);
  });

  it('leaves the key to the second of a batch when the catalog refuses the first', async () => {
    const node = await scene.start();
    const repository = node.get(OrdersRepository);
    const draft = { userId: 2, itemIds: [12, 3], totalCents: 5500, idempotencyKey: 'k' };
    const [first, second, third] = await Promise.all([
      repository.accept({ ...draft, totalCents: 1 }),
      repository.accept(draft),
      repository.accept(draft),
    ]);
    expect(first).toBeUndefined();
    expect(second).toMatchObject({ idempotencyKey: 'k', status: 'PENDING' });
    expect(third).toBeUndefined();
  });

  it('needs no more rights than the README grants', async () => {
    const role = `shop_${randomUUID().replaceAll('-', '')}`;
    const readme = await readFile(join(__dirname, '../../README.md'), 'utf8');
    const grants = [...readme.matchAll(/^GRANT .*;$/gm)].map(([grant]) => grant);
    expect(grants.length).toBeGreaterThan(0);
    await scene.sql(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
    try {
      for (const grant of grants) await scene.sql(grant.replace('shop', role));
      const url = new URL(scene.databaseUrl);
      url.username = role;
      url.password = role;
      const node = await TestNode.start(url.href);
      try {
        await scene.reaches(await createOrder(node), 'COMPLETED');
        expect((await call(`${node.url}/metrics`)).status).toBe(200);
      } finally {
        await node.close();
      }
    } finally {
      await scene.sql(`DROP OWNED BY ${role}`);
      await scene.sql(`DROP ROLE ${role}`);
    }
  });

  it("takes the caller's word where the catalog is not to be checked, but not for the user", async () => {
    const node = await scene.start({ settings: { catalogCheck: false } });
    const id = await createOrder(node, { user_id: 2, item_ids: [999], total_amount: 1 });
    const [row] = await scene.sql('SELECT item_prices::text AS prices FROM orders WHERE id = $1', [
      id,
    ]);
    expect(row).toEqual({ prices: '{}' });
    expectProblem(await create(node, { ...ORDER, user_id: 999 }), 422, 'unknown_user');
  });

  it.each([[undefined], ['a key']])(
    'finds users and items by their primary keys even where the catalog seems tiny, with %s',
    async (idempotencyKey) => {
      await scene.sql('DELETE FROM items WHERE id NOT IN (12, 3)');
      await scene.sql('DELETE FROM users WHERE id <> 2');
      await scene.sql('ANALYZE items, users');
      const source = new DataSource({
        type: 'postgres',
        url: scene.databaseUrl,
        entities: [Order],
        extra: { options: '-c enable_seqscan=off' },
      });
      await source.initialize();
      try {
        const recorder = new Recorder(source, defaultSettings());
        const repository = new OrdersRepository(
          defaultSettings(),
          recorder,
          source.getRepository(Order),
        );
        await repository.accept({
          userId: 2,
          itemIds: [12, 3],
          totalCents: 5500,
          idempotencyKey,
        });
        const [{ text, values } = { text: '', values: [] }] = recorder.sent;
        const [row] = await source.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }[]>(
          `EXPLAIN (FORMAT JSON) ${text}`,
          [...values],
        );
        const nodes = allNodes(row?.['QUERY PLAN'][0].Plan ?? { 'Node Type': 'none' });
        for (const table of ['items', 'users']) {
          const scans = nodes.filter((each) => each['Relation Name'] === table);
          expect(scans.length).toBeGreaterThan(0);
          for (const scan of scans) expect(scan['Index Cond']).toMatch(/\bid = /);
        }
      } finally {
        await source.destroy();
      }
    },
  );
});
