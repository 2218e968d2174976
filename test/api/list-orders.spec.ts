import { pointersOf } from '../support/problem';
import { call, createOrder, Scene, type TestNode } from '../support/service';

interface Page {
  readonly orders: readonly { readonly order_id: number; readonly status: string }[];
  readonly next_cursor: string | null;
}

async function list(node: TestNode, query = ''): Promise<Page> {
  const { status, body } = await call(`${node.url}/order/list_orders?${query}`);
  expect({ query, status }).toEqual({ query, status: 200 });
  return body as unknown as Page;
}

const idsOf = ({ orders }: Page) => orders.map(({ order_id }) => order_id);

describe('list_orders', () => {
  const scene = new Scene();

  /** A finished order of the given moment; moments after the seed's orders keep them out of the way. */
  async function add(createdAt: string, userId = 2, status = 'COMPLETED'): Promise<number> {
    const [row] = await scene.sql<{ id: string }>(
      `INSERT INTO orders (user_id, item_ids, item_prices, total_amount, status, created_at, finished_at)
       VALUES ($1, '{12}', '{37}', 37, $2, $3, $3) RETURNING id`,
      [userId, status, createdAt],
    );
    return Number(row?.id);
  }

  it('shows all orders, newest first, with every field', async () => {
    const node = await scene.start();
    const page = await list(node);
    expect(idsOf(page)).toEqual([5, 4, 3, 2, 1]);
    expect(page.next_cursor).toBeNull();
    expect(page.orders[0]).toEqual((await call(`${node.url}/order/get_order/5`)).body);
  });

  it('narrows by status, user and time, one by one and together', async () => {
    const node = await scene.start({ held: true });
    const [one, two, three, four] = [
      await add('2040-01-01T00:00:00Z', 7, 'FAILED'),
      await add('2040-01-02T00:00:00Z', 7),
      await add('2040-01-03T00:00:00Z', 8, 'FAILED'),
      await add('2040-01-04T00:00:00Z', 7, 'FAILED'),
    ];
    for (const [query, ids] of [
      ['status=FAILED', [four, three, one]],
      ['status=CANCELLED', []],
      ['user_id=7', [four, two, one]],
      ['created_after=2040-01-02T00:00:00Z', [four, three]],
      ['created_before=2040-01-02T00:00:00Z&user_id=7', [one]],
      ['created_after=2040-01-02T02:00:00%2B02:00&created_before=2040-01-04T00:00:00Z', [three]],
      ['status=FAILED&user_id=7', [four, one]],
      ['status=FAILED&user_id=7&created_after=2040-01-01T00:00:00.000Z', [four]],
      ['created_after=2041-01-01T00:00:00Z', []],
    ] as const) {
      expect({ query, ids: idsOf(await list(node, query)) }).toEqual({ query, ids });
    }
    const id = await createOrder(node);
    await node.fulfilment.holds(id);
    expect(idsOf(await list(node, 'status=PROCESSING'))).toEqual([id]);
  });

  it('gives 20 orders unless it is told otherwise, and 1 to 100', async () => {
    const node = await scene.start();
    await scene.insertOrders(150);
    for (const [query, length] of [
      ['', 20],
      ['limit=1', 1],
      ['limit=100', 100],
    ] as const) {
      const page = await list(node, query);
      expect(page.orders).toHaveLength(length);
      expect(page.next_cursor).not.toBeNull();
    }
  });

  it('has no next page exactly when nothing is left', async () => {
    const node = await scene.start();
    const page = await list(node, 'limit=5');
    expect(page.next_cursor).toBeNull();
    const first = await list(node, 'limit=4');
    const second = await list(node, `limit=4&cursor=${first.next_cursor ?? ''}`);
    expect(idsOf(second)).toEqual([1]);
    expect(second.next_cursor).toBeNull();
  });

  it('pages through what was there, once each, while others insert', async () => {
    const node = await scene.start();
    // Many orders of the very same moment: only their ids tell them apart.
    for (let batch = 0; batch < 4; batch += 1) await scene.insertOrders(30);
    const before = await scene.sql<{ id: number }>(
      'SELECT id::int FROM orders ORDER BY created_at DESC, id DESC',
    );
    const seen: number[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page = await list(node, `limit=7${cursor && `&cursor=${cursor}`}`);
      seen.push(...idsOf(page));
      cursor = page.next_cursor;
      await Promise.all([createOrder(node), createOrder(node), scene.insertOrders(3)]);
    }
    expect(seen).toEqual(before.map(({ id }) => id));
  });

  it('pages within a filter, although orders leave it meanwhile', async () => {
    const node = await scene.start();
    const ids = [];
    for (let day = 1; day <= 9; day += 1) ids.push(await add(`2040-01-0${day}T00:00:00Z`, 7));
    const first = await list(node, 'user_id=7&status=COMPLETED&limit=4');
    // The order that the cursor stands on leaves the filter.
    await scene.sql('UPDATE orders SET user_id = 8 WHERE id = $1', [idsOf(first).at(-1)]);
    const cursor = first.next_cursor ?? '';
    const second = await list(node, `user_id=7&status=COMPLETED&limit=100&cursor=${cursor}`);
    expect([...idsOf(first), ...idsOf(second)]).toEqual(ids.reverse());
  });

  it('shows by pages, under every filter, what one statement shows', async () => {
    const node = await scene.start();
    const moments = ['2040-01-01T00:00:00Z', '2040-01-02T00:00:00Z', '2040-01-03T00:00:00Z'];
    for (const at of moments) {
      for (const user of [7, 8, 9]) {
        for (const status of ['COMPLETED', 'FAILED', 'FAILED']) await add(at, user, status);
      }
    }
    const choices = [
      ['', 'user_id=8'],
      ['', 'status=FAILED', 'status=PENDING'],
      ['', `created_after=${moments[0] ?? ''}`],
      ['', `created_before=${moments[2] ?? ''}`],
    ].reduce<string[]>(
      (queries, parts) => queries.flatMap((query) => parts.map((part) => `${query}&${part}`)),
      [''],
    );
    for (const query of choices) {
      const given = new URLSearchParams(query);
      const expected = await scene.sql<{ id: number }>(
        `SELECT id::int FROM orders
         WHERE ($1::int IS NULL OR user_id = $1) AND ($2::text IS NULL OR status::text = $2)
           AND ($3::timestamptz IS NULL OR created_at > $3)
           AND ($4::timestamptz IS NULL OR created_at < $4)
         ORDER BY created_at DESC, id DESC`,
        ['user_id', 'status', 'created_after', 'created_before'].map((name) => given.get(name)),
      );
      const seen: number[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: Page = await list(node, `${query}&limit=4${cursor && `&cursor=${cursor}`}`);
        seen.push(...idsOf(page));
        cursor = page.next_cursor;
      }
      expect({ query, seen }).toEqual({ query, seen: expected.map(({ id }) => id) });
    }
  });

  it('refuses what does not fit, and points at it', async () => {
    const node = await scene.start();
    const { next_cursor: cursor } = await list(node, 'limit=1');
    for (const [query, ...pointers] of [
      ['limit=0', '/limit'],
      ['limit=101', '/limit'],
      ['limit=-1', '/limit'],
      ['limit=1.5', '/limit'],
      ['limit=ten', '/limit'],
      ['limit=', '/limit'],
      ['limit=1&limit=2', '/limit'],
      ['status=pending', '/status'],
      ['status=', '/status'],
      ['status=PENDING&status=FAILED', '/status'],
      ['user_id=0', '/user_id'],
      ['user_id=abc', '/user_id'],
      ['user_id=2147483648', '/user_id'],
      ['created_after=yesterday', '/created_after'],
      ['created_after=1', '/created_after'],
      ['created_before=2040-13-01T00:00:00Z', '/created_before'],
      ['created_before=2040-01-01', '/created_before'],
      ['created_before=-271821-04-20T00:00:00Z', '/created_before'],
      [`cursor=x${cursor ?? ''}`, '/cursor'],
      [`cursor=${cursor ?? ''}!`, '/cursor'],
      [`cursor=${cursor ?? ''}&cursor=${cursor ?? ''}`, '/cursor'],
      ['cursor=', '/cursor'],
      [`cursor=${'A'.repeat(65)}`, '/cursor'],
      ['sort=id', '/sort'],
      ['limit=0&page=2&status=x', '/status', '/limit', '/page'],
    ] as const) {
      const answer = await call(`${node.url}/order/list_orders?${query}`);
      expect({ query, pointers: pointersOf(answer) }).toEqual({ query, pointers });
    }
  });
});
