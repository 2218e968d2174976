import { randomUUID } from 'node:crypto';
import { expectProblem } from '../support/problem';
import { call, ORDER, Scene, type TestNode } from '../support/service';
import { until } from '../support/until';

type Answer = Awaited<ReturnType<typeof call>>;

/** Another order that the catalog agrees with. */
const OTHER = { user_id: 9, item_ids: [9, 9, 25], total_amount: 19 };

function create(node: TestNode, key?: string, body: object = ORDER): Promise<Answer> {
  const headers = key === undefined ? undefined : { 'Idempotency-Key': key };
  return call(`${node.url}/order/create_order`, { body, ...(headers && { headers }) });
}

const idOf = ({ body }: Answer) => Number(body['order_id']);

const isReplayed = ({ headers }: Answer) => headers.get('idempotent-replayed') === 'true';

describe('I7: one Idempotency-Key, one order', () => {
  const scene = new Scene();

  /** How many orders the test has made, beside those of the seed. */
  async function countOrders(): Promise<number> {
    const [row] = await scene.sql<{ count: number }>(
      'SELECT count(*)::int AS count FROM orders WHERE id > 5',
    );
    return row?.count ?? 0;
  }

  it('answers again with the same order, as it is now', async () => {
    const node = await scene.start({ held: true });
    const first = await create(node, 'k');
    expect({ status: first.status, replayed: isReplayed(first) }).toEqual({
      status: 201,
      replayed: false,
    });
    const id = idOf(first);
    await node.fulfilment.holds(id);
    const second = await create(node, 'k');
    expect({ status: second.status, replayed: isReplayed(second) }).toEqual({
      status: 201,
      replayed: true,
    });
    expect(second.headers.get('location')).toBe(`/order/get_order/${id}`);
    expect(second.body).toMatchObject({ order_id: id, status: 'PROCESSING', attempt: 1 });
    node.fulfilment.complete(id);
    await scene.reaches(id, 'COMPLETED');
    const third = await create(node, 'k');
    expect(third.body).toEqual((await call(`${node.url}/order/get_order/${id}`)).body);
    expect(await countOrders()).toBe(1);
    // A replay is no second order to be processed.
    expect(node.fulfilment.started).toHaveLength(1);
  });

  it('makes an order each time without a key', async () => {
    const node = await scene.start();
    const ids = [await create(node), await create(node)].map(idOf);
    expect(new Set(ids).size).toBe(2);
  });

  it('refuses the key with another body', async () => {
    const node = await scene.start();
    const id = idOf(await create(node, 'k'));
    for (const body of [
      OTHER,
      { ...ORDER, user_id: 3 },
      { ...ORDER, item_ids: [3, 12] },
      { ...ORDER, total_amount: 54 },
      { ...ORDER, user_id: 999 },
      { ...ORDER, item_ids: [12, 999] },
    ]) {
      expectProblem(await create(node, 'k', body), 422, 'idempotency_key_reused');
    }
    // Whitespace and the order of the members mean nothing in JSON.
    const text = '{"total_amount": 55.00, "item_ids": [12,  3], "user_id": 2}';
    const same = await call(`${node.url}/order/create_order`, {
      body: text,
      headers: { 'Idempotency-Key': 'k' },
    });
    expect(idOf(same)).toBe(id);
    expect(await countOrders()).toBe(1);
  });

  it('refuses a key that does not fit, and takes quoted and bare ones alike', async () => {
    const node = await scene.start();
    for (const key of ['', '""', 'k'.repeat(256)]) {
      expectProblem(await create(node, key), 400, 'invalid_idempotency_key');
    }
    expect(await countOrders()).toBe(0);
    const key = 'k'.repeat(255);
    const ids = [await create(node, key), await create(node, `"${key}"`)].map(idOf);
    expect(new Set(ids).size).toBe(1);
    expect(idOf(await create(node, 'K'.repeat(255)))).not.toBe(ids[0]);
  });

  it('does not use up the key as long as no order was accepted', async () => {
    const node = await scene.start();
    const wrong = await create(node, 'k', { ...ORDER, total_amount: 54 });
    expectProblem(wrong, 422, 'total_mismatch');
    const right = await create(node, 'k');
    expect({ status: right.status, replayed: isReplayed(right) }).toEqual({
      status: 201,
      replayed: false,
    });
  });

  it('makes one order of a hundred callers at once, and one of each other caller', async () => {
    const node = await scene.start();
    const [same, keyed, plain] = [[], [], []] as [
      Promise<Answer>[],
      Promise<Answer>[],
      Promise<Answer>[],
    ];
    for (let index = 0; index < 100; index += 1) {
      same.push(create(node, 'k'));
      if (index % 2 === 0) keyed.push(create(node, randomUUID(), OTHER));
      else plain.push(create(node, undefined, OTHER));
    }
    const sameAnswers = await Promise.all(same);
    expect(new Set(sameAnswers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(sameAnswers.map(idOf)).size).toBe(1);
    expect(sameAnswers.filter((answer) => !isReplayed(answer))).toHaveLength(1);
    const others = await Promise.all([...keyed, ...plain]);
    for (const answer of others) {
      expect(answer.status).toBe(201);
      expect(isReplayed(answer)).toBe(false);
      expect(answer.body).toMatchObject(OTHER);
    }
    expect(new Set([...others, ...sameAnswers].map(idOf)).size).toBe(101);
    expect(await countOrders()).toBe(101);
  });

  it('lets one body win where two come with one key at once', async () => {
    const node = await scene.start();
    const bodies = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? ORDER : OTHER));
    const answers = await Promise.all(bodies.map((body) => create(node, 'k', body)));
    const winners = answers.filter(({ status }) => status === 201);
    expect(winners).toHaveLength(20);
    expect(new Set(winners.map(idOf)).size).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expectProblem(answer, 422, 'idempotency_key_reused');
    }
    expect(await countOrders()).toBe(1);
  });

  it('holds across nodes that get the same keys in crossing orders', async () => {
    const nodes = await Promise.all([scene.start(), scene.start()]);
    const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    const answers = await Promise.all(
      nodes.flatMap((node, index) =>
        (index === 0 ? keys : keys.toReversed()).map(async (key) => ({
          key,
          answer: await create(node, key),
        })),
      ),
    );
    const orders = new Map<string, Set<number>>();
    for (const { key, answer } of answers) {
      expect(answer.status).toBe(201);
      orders.set(key, (orders.get(key) ?? new Set()).add(idOf(answer)));
    }
    expect(orders.size).toBe(20);
    for (const ids of orders.values()) expect(ids.size).toBe(1);
    expect(await countOrders()).toBe(20);
  });

  it('has the order of a caller that left before its answer', async () => {
    const node = await scene.start();
    // The statement is under way, and cannot commit before the caller has left.
    await scene.sql('BEGIN');
    await scene.sql('LOCK TABLE orders IN SHARE MODE');
    const leaving = new AbortController();
    const abandoned = fetch(`${node.url}/order/create_order`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'k' },
      body: JSON.stringify(ORDER),
      signal: leaving.signal,
    });
    await until('the order waits for its commit', async () => {
      // Within a transaction the view would stay as it was first seen.
      await scene.sql('SELECT pg_stat_clear_snapshot()');
      const waiting = await scene.sql(
        `SELECT FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ 'orders_id_seq'`,
      );
      return waiting.length > 0;
    });
    leaving.abort();
    await expect(abandoned).rejects.toThrow('aborted');
    await scene.sql('COMMIT');
    const again = await create(node, 'k');
    expect({ status: again.status, replayed: isReplayed(again) }).toEqual({
      status: 201,
      replayed: true,
    });
    expect(await countOrders()).toBe(1);
    await scene.reaches(idOf(again), 'COMPLETED');
  });

  it('replays an accepted order whatever has become of the catalog', async () => {
    const node = await scene.start();
    const id = idOf(await create(node, 'k'));
    await scene.sql('UPDATE items SET price = price + 1');
    const dearer = await create(node, 'k');
    expect({ status: dearer.status, id: idOf(dearer) }).toEqual({ status: 201, id });
    await scene.sql('DELETE FROM items');
    await scene.sql('DELETE FROM users');
    const gone = await create(node, 'k');
    expect(gone.status).toBe(201);
    expect(gone.body).toMatchObject({ order_id: id, ...ORDER });
    // The right total of today under yesterday's key is another order.
    expectProblem(
      await create(node, 'k', { ...ORDER, total_amount: 57 }),
      422,
      'idempotency_key_reused',
    );
  });
});
