import { expectProblem, pointersOf } from '../support/problem';
import { call, createOrder, ORDER, Scene, type TestNode } from '../support/service';

const create = (node: TestNode, body: unknown, headers?: Record<string, string>) =>
  call(`${node.url}/order/create_order`, { body, ...(headers && { headers }) });

const get = (node: TestNode, id: number | string) => call(`${node.url}/order/get_order/${id}`);

describe('create_order and get_order', () => {
  const scene = new Scene();

  /** Puts an item into the catalog and returns its id. */
  async function addItem(price: string): Promise<number> {
    const [row] = await scene.sql<{ id: number }>(
      `INSERT INTO items (name, price) VALUES ('an item', $1) RETURNING id`,
      [price],
    );
    return row?.id ?? 0;
  }

  it('answers with the order and where it is, and shows it there', async () => {
    const node = await scene.start({ held: true });
    const created = await create(node, ORDER);
    expect(created.status).toBe(201);
    expect(created.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(created.headers.get('idempotent-replayed')).toBeNull();
    const id = Number(created.body['order_id']);
    expect(created.headers.get('location')).toBe(`/order/get_order/${id}`);
    await node.fulfilment.holds(id);
    const shown = await call(`${node.url}${created.headers.get('location') ?? ''}`);
    expect(shown.status).toBe(200);
    expect(shown.body).toEqual({
      ...created.body,
      status: 'PROCESSING',
      attempt: 1,
      started_at: expect.any(String) as string,
    });
    for (const moment of [shown.body['created_at'], shown.body['started_at']]) {
      expect(moment).toBe(new Date(String(moment)).toISOString());
    }
    node.fulfilment.complete(id);
    await scene.reaches(id, 'COMPLETED');
    expect((await get(node, id)).body).toMatchObject({
      status: 'COMPLETED',
      finished_at: expect.any(String) as string,
      last_error: null,
    });
  });

  it('charges an item that stands twice twice, and keeps the order of the items', async () => {
    const node = await scene.start();
    const body = { user_id: 9, item_ids: [25, 9, 25, 9], total_amount: 24.4 };
    const created = await create(node, body);
    expect(created.status).toBe(201);
    expect((await get(node, Number(created.body['order_id']))).body).toMatchObject(body);
  });

  it('counts money exactly', async () => {
    const node = await scene.start();
    const ten = await addItem('0.10');
    const twenty = await addItem('0.20');
    const near = await addItem('19.99');
    const ends = await addItem('1.15');
    const largest = await addItem('9999999999.99');
    const free = await addItem('0');
    const cases: [number[], number, string][] = [
      [[ten, twenty], 0.3, '0.30'],
      [[near, near, near], 59.97, '59.97'],
      [[ends, ends, ends], 3.45, '3.45'],
      [new Array<number>(100).fill(ten), 10, '10.00'],
      [new Array<number>(100).fill(ends), 115, '115.00'],
      [[largest, free], 9_999_999_999.99, '9999999999.99'],
      [[free], 0, '0.00'],
    ];
    for (const [item_ids, total_amount, decimal] of cases) {
      const created = await create(node, { user_id: 1, item_ids, total_amount });
      expect({ decimal, status: created.status }).toEqual({ decimal, status: 201 });
      const id = Number(created.body['order_id']);
      expect(created.body['total_amount']).toBe(total_amount);
      expect((await get(node, id)).body['total_amount']).toBe(total_amount);
      const [row] = await scene.sql('SELECT total_amount FROM orders WHERE id = $1', [id]);
      expect(row).toEqual({ total_amount: decimal });
    }
  });

  it('refuses a total that is a cent off, and says the right one', async () => {
    const node = await scene.start();
    const near = await addItem('19.99');
    for (const total_amount of [59.96, 59.98, 0, 60]) {
      const answer = await create(node, { user_id: 1, item_ids: [near, near, near], total_amount });
      expect(expectProblem(answer, 422, 'total_mismatch')).toEqual([
        { pointer: '/total_amount', message: 'must be 59.97' },
      ]);
      expect(answer.body['detail']).toContain('59.97');
    }
  });

  it('keeps the prices of the moment on the order', async () => {
    const node = await scene.start();
    const id = await createOrder(node);
    await scene.sql(`UPDATE items SET price = 99.00 WHERE id IN (12, 3)`);
    const [row] = await scene.sql('SELECT item_prices::text FROM orders WHERE id = $1', [id]);
    expect(row).toEqual({ item_prices: '{37.00,18.00}' });
    expect((await get(node, id)).body['total_amount']).toBe(55);
    // The next order pays the new ones, at once.
    expectProblem(await create(node, ORDER), 422, 'total_mismatch');
    expect((await create(node, { ...ORDER, total_amount: 198 })).status).toBe(201);
  });

  it('takes items and totals as they come with CATALOG_CHECK=false', async () => {
    const node = await scene.start({ settings: { catalogCheck: false } });
    const body = { user_id: 2, item_ids: [4711, 4711], total_amount: 0.07 };
    const created = await create(node, body);
    expect(created.status).toBe(201);
    expect((await get(node, Number(created.body['order_id']))).body).toMatchObject(body);
    const [row] = await scene.sql('SELECT item_prices::text FROM orders WHERE item_ids[1] = 4711');
    expect(row).toEqual({ item_prices: '{}' });
    expectProblem(await create(node, { ...body, user_id: 999 }), 422, 'unknown_user');
  });

  it('refuses each wrong field, and points at it', async () => {
    const node = await scene.start();
    const cases: [object, string[]][] = [
      [{}, ['/user_id', '/item_ids', '/total_amount']],
      [[], ['']],
      ...[0, -1, 1.5, 2 ** 31, '2', null, true, [2], {}].map((user_id): [object, string[]] => [
        { ...ORDER, user_id },
        ['/user_id'],
      ]),
      ...[null, '12,3', 12, {}, [], new Array<number>(101).fill(12)].map(
        (item_ids): [object, string[]] => [{ ...ORDER, item_ids }, ['/item_ids']],
      ),
      ...[0, -1, 1.5, 2 ** 31, '12', null, [12], {}].map((item): [object, string[]] => [
        { ...ORDER, item_ids: [12, item, 3] },
        ['/item_ids/1'],
      ]),
      [{ ...ORDER, item_ids: ['a', 12, 'b'] }, ['/item_ids/0', '/item_ids/2']],
      ...[-0.01, 55.001, 1e-7, 1e10, '55', null, [55], {}].map(
        (total_amount): [object, string[]] => [{ ...ORDER, total_amount }, ['/total_amount']],
      ),
      [{ ...ORDER, coupon: 'X' }, ['/coupon']],
      [{ ...ORDER, 'a/b~c': 1 }, ['/a~1b~0c']],
      [{ ...ORDER, status: 'COMPLETED', order_id: 1 }, ['/status', '/order_id']],
    ];
    for (const [body, pointers] of cases) {
      const answer = await create(node, body);
      expect({ body, pointers: pointersOf(answer) }).toEqual({ body, pointers });
      expect(answer.body['instance']).toBe('/order/create_order');
    }
  });

  it('refuses users and items that are not in the catalog', async () => {
    const node = await scene.start();
    const user = await create(node, { ...ORDER, user_id: 999 });
    expect(expectProblem(user, 422, 'unknown_user')).toEqual([
      { pointer: '/user_id', message: 'must be the id of an existing user' },
    ]);
    const items = await create(node, { ...ORDER, item_ids: [12, 888, 3, 999] });
    expect(expectProblem(items, 422, 'unknown_item').map(({ pointer }) => pointer)).toEqual([
      '/item_ids/1',
      '/item_ids/3',
    ]);
    expect(items.body['detail']).toContain('888, 999');
  });

  it('knows no order by an id that none has, and refuses what is no id', async () => {
    const node = await scene.start();
    for (const id of ['999', '9007199254740993', '9223372036854775808', '9'.repeat(20)]) {
      const answer = await get(node, id);
      expectProblem(answer, 404, 'order_not_found');
      expect(answer.body['instance']).toBe(`/order/get_order/${id}`);
    }
    for (const id of ['0', '-1', 'abc', '1e3', '1.0', '0x1', '%20', '1%00', 'null']) {
      expect({ id, pointers: pointersOf(await get(node, id)) }).toEqual({
        id,
        pointers: ['/order_id'],
      });
    }
    expectProblem(await get(node, '%ZZ'), 400, 'malformed_path');
  });

  it('knows no other route', async () => {
    const node = await scene.start();
    for (const [method, path] of [
      ['GET', '/nowhere'],
      ['GET', '/order'],
      ['GET', '/order/get_order'],
      ['GET', '/order/create_order'],
      ['POST', '/order/get_order/1'],
      ['DELETE', '/order/get_order/1'],
      ['PUT', '/order/create_order'],
    ] as const) {
      const answer = await call(`${node.url}${path}?secret=1`, { method });
      expectProblem(answer, 404, 'unknown_route');
      expect(answer.body['instance']).toBe(path);
    }
  });
});
