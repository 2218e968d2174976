import { Locks } from '../support/locks';
import { expectProblem } from '../support/problem';
import { call, createOrder, ORDER, Scene, type TestNode } from '../support/service';
import { until } from '../support/until';

/** Statement timeouts so long that no test passes because one ended a wait. */
const PATIENT = { databaseStatementTimeoutMs: 600_000, recoveryIntervalMs: 200 };

const create = (node: TestNode) => call(`${node.url}/order/create_order`, { body: ORDER });

describe('a lock of another transaction delays only what it locks (I11)', () => {
  const scene = new Scene();
  const locks = new Locks(() => scene.databaseUrl);

  afterEach(() => locks.releaseAll());

  async function startBusy(count: number): Promise<{ node: TestNode; ids: number[] }> {
    const settings = { ...PATIENT, workerCount: count };
    const node = await scene.start({ held: true, settings });
    const ids = await Promise.all(Array.from({ length: count }, () => createOrder(node)));
    for (const id of ids) await node.fulfilment.holds(id);
    return { node, ids };
  }

  async function expectCompletedOnce(ids: readonly number[]): Promise<void> {
    for (const id of ids) {
      await scene.reaches(id, 'COMPLETED');
      expect(await scene.pathOf(id)).toEqual(['PENDING', 'PROCESSING', 'COMPLETED']);
    }
    await scene.expectCountersExact();
  }

  it.each([1, 2, 5])('%d orders that are to be settled', async (count) => {
    const { node, ids } = await startBusy(6);
    const locked = ids.slice(0, count);
    await locks.hold('SELECT FROM orders WHERE id = ANY($1) FOR UPDATE', [locked]);
    node.fulfilment.behaviour = () => Promise.resolve();
    // All at once, so that they share statements.
    node.fulfilment.completeAll();
    const later = await Promise.all(Array.from({ length: 20 }, () => createOrder(node)));
    for (const id of [...ids.slice(count), ...later]) await scene.reaches(id, 'COMPLETED');
    for (const id of locked) expect(await scene.statusOf(id)).toBe('PROCESSING');
    await locks.releaseAll();
    await expectCompletedOnce([...ids, ...later]);
    expect(node.fulfilment.started).toHaveLength(ids.length + later.length);
  });

  it('orders that are to be claimed', async () => {
    const waiting = await scene.insertOrders(3);
    await locks.hold('SELECT FROM orders WHERE id = ANY($1) FOR UPDATE', [waiting]);
    const node = await scene.start({ settings: PATIENT });
    const later = await Promise.all(Array.from({ length: 20 }, () => createOrder(node)));
    for (const id of later) await scene.reaches(id, 'COMPLETED');
    for (const id of waiting) expect(await scene.statusOf(id)).toBe('PENDING');
    await locks.releaseAll();
    await expectCompletedOnce([...waiting, ...later]);
  });

  it('a lost node’s claims that are to be released or rescued', async () => {
    const ids = await scene.insertOrders(3, {
      status: `'PROCESSING'`,
      attempt: '1',
      claimed_by: `gen_random_uuid()`,
      started_at: `now() - interval '1 hour'`,
    });
    await locks.hold('SELECT FROM orders WHERE id = $1 FOR UPDATE', [ids[0]]);
    const node = await scene.start({ settings: PATIENT });
    for (const id of ids.slice(1)) await scene.reaches(id, 'COMPLETED');
    await scene.reaches(await createOrder(node), 'COMPLETED');
    expect(await scene.statusOf(ids[0] ?? 0)).toBe('PROCESSING');
    await locks.releaseAll();
    await scene.reaches(ids[0] ?? 0, 'COMPLETED');
  });

  it('every counter row', async () => {
    await locks.hold('SELECT FROM order_status_counters FOR UPDATE');
    const { node, ids } = await startBusy(3);
    node.fulfilment.behaviour = () => Promise.resolve();
    node.fulfilment.completeAll();
    const later = await Promise.all(Array.from({ length: 20 }, () => createOrder(node)));
    await expectCompletedOnce([...ids, ...later]);
    await locks.releaseAll();
    await scene.expectCountersExact();
  });

  it('a note that is written on an order in an open transaction', async () => {
    const node = await scene.start({ settings: PATIENT });
    await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        locks.hold(`UPDATE orders SET last_error = 'note' WHERE id = $1`, [index + 1]),
      ),
    );
    const ids = await Promise.all(Array.from({ length: 30 }, () => createOrder(node)));
    await expectCompletedOnce(ids);
    await locks.releaseAll();
    await scene.expectCountersExact();
  });

  it('a table: each caller is told to come back, and has no order', async () => {
    const node = await scene.start({ settings: { ...PATIENT, databaseLockTimeoutMs: 200 } });
    await locks.hold('LOCK TABLE orders IN SHARE MODE');
    const answers = await Promise.all(Array.from({ length: 60 }, () => create(node)));
    for (const answer of answers) {
      expectProblem(answer, 503, 'database_unavailable');
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    }
    await locks.releaseAll();
    const id = await createOrder(node);
    await scene.reaches(id, 'COMPLETED');
    await until('no order was left behind', async () => {
      const rows = await scene.sql('SELECT FROM orders WHERE id > 5 AND id <> $1', [id]);
      return rows.length === 0;
    });
  });
});
