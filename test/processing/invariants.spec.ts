import { ClaimsRepository } from '../../src/processing/claims/claims.repository';
import { OrderQueue } from '../../src/processing/queue/order-queue';
import { RecoveryService } from '../../src/processing/recovery.service';
import { WorkerPool } from '../../src/processing/workers/worker-pool.service';
import { TRANSITIONS } from '../../src/orders/order-status';
import { call, createOrder, ORDER, Scene } from '../support/service';
import { until } from '../support/until';

const OTHER_NODE = '00000000-0000-4000-8000-000000000001';

describe('the invariants', () => {
  const scene = new Scene();

  it('I1: an order answered with 201 is committed', async () => {
    const node = await scene.start({ held: true });
    const id = await createOrder(node);
    // Another connection sees committed rows only.
    expect(await scene.statusOf(id)).toMatch(/PENDING|PROCESSING/);
  });

  it('I2: a status changes only along the table', async () => {
    const node = await scene.start({ settings: { maxAttempts: 3 } });
    let calls = 0;
    node.fulfilment.behaviour = () => {
      calls += 1;
      return calls % 2 === 0 ? Promise.reject(new Error('no')) : Promise.resolve();
    };
    await Promise.all(Array.from({ length: 40 }, () => createOrder(node)));
    await until('all are processed', async () => {
      const [row] = await scene.sql<{ open: number }>(
        `SELECT count(*)::int AS open FROM orders WHERE status IN ('PENDING', 'PROCESSING')`,
      );
      return row?.open === 0;
    });
    const moves = await scene.sql<{ from_status: keyof typeof TRANSITIONS; to_status: string }>(
      'SELECT DISTINCT from_status, to_status FROM order_events WHERE from_status IS NOT NULL',
    );
    expect(moves.length).toBeGreaterThan(2);
    for (const { from_status, to_status } of moves) {
      expect(TRANSITIONS[from_status]).toContain(to_status);
    }
  });

  it('I3: of two claimers one wins, and an order reaches a final status once', async () => {
    const one = await scene.start({ held: true });
    const two = await scene.start({ held: true });
    const [id = 0] = await scene.insertOrders(1, { next_attempt_at: `now() + interval '1 hour'` });
    await scene.sql(`UPDATE orders SET next_attempt_at = now() WHERE id = $1`, [id]);
    const claims = await Promise.all(
      [one, two].map((node) => node.get(ClaimsRepository).claim(id)),
    );
    // Their own loops may have been quicker than both.
    const held = [...one.fulfilment.held, ...two.fulfilment.held];
    expect(claims.filter(Boolean).length + held.length).toBe(1);
    expect(await scene.pathOf(id)).toEqual(['PENDING', 'PROCESSING']);
  });

  it('I3: one node that asks twice in one batch has one claim', async () => {
    const node = await scene.start({ held: true, settings: { recoveryIntervalMs: 3_600_000 } });
    // The sweep of the start is over, and no other comes.
    await node.get(RecoveryService).onModuleDestroy();
    const [id = 0] = await scene.insertOrders(1);
    const claims = node.get(ClaimsRepository);
    const both = await Promise.all([claims.claim(id), claims.claim(id)]);
    expect(both.filter(Boolean)).toHaveLength(1);
  });

  it('I4: a slow worker that finishes after its rescue changes nothing', async () => {
    const node = await scene.start({ held: true, settings: { recoveryIntervalMs: 3_600_000 } });
    const id = await createOrder(node);
    const first = await node.fulfilment.holds(id);
    // Another node rescues the order and works on it before the first one notices.
    await scene.sql(`INSERT INTO processing_nodes (id, name) VALUES ($1, 'other')`, [OTHER_NODE]);
    await scene.sql(
      `UPDATE orders SET status = 'PENDING', claimed_by = NULL, started_at = NULL WHERE id = $1`,
      [id],
    );
    await scene.sql(
      `UPDATE orders SET status = 'PROCESSING', claimed_by = $2, attempt = attempt + 1, started_at = now()
       WHERE id = $1`,
      [id, OTHER_NODE],
    );
    const before = await scene.sql('SELECT * FROM orders WHERE id = $1', [id]);
    const settled = await node.get(ClaimsRepository).settle(first, { status: 'COMPLETED' });
    expect(settled).toBe('lost');
    if (node.fulfilment.held.length > 0) node.fulfilment.complete(id);
    await until('the loop has noticed', () => node.get(WorkerPool).busy === 0);
    expect(await scene.sql('SELECT * FROM orders WHERE id = $1', [id])).toEqual(before);
  });

  it('I4: the attempt alone fences, also against the same node', async () => {
    const node = await scene.start({ held: true });
    const id = await createOrder(node);
    const claim = await node.fulfilment.holds(id);
    const old = { ...claim, attempt: claim.attempt - 1 };
    expect(await node.get(ClaimsRepository).settle(old, { status: 'COMPLETED' })).toBe('lost');
    expect(await scene.statusOf(id)).toBe('PROCESSING');
  });

  it('I5: the counters equal a GROUP BY at every commit, whatever writes', async () => {
    const node = await scene.start({ settings: { workerCount: 10 } });
    const creating = Promise.all(Array.from({ length: 100 }, () => createOrder(node)));
    for (let sample = 0; sample < 20; sample += 1) {
      await scene.expectCountersExact();
    }
    await creating;
    const ids = await scene.insertOrders(20, { next_attempt_at: `now() + interval '1 hour'` });
    await scene.sql('DELETE FROM orders WHERE id = ANY($1)', [ids.slice(0, 5)]);
    await scene.expectCountersExact();
    await node.close();
    await scene.sql('BEGIN');
    await scene.sql('DELETE FROM orders');
    await scene.sql('ROLLBACK');
    await scene.expectCountersExact();
    await scene.sql('TRUNCATE orders');
    await scene.expectCountersExact();
  });

  it('I6: the log holds exactly one event a status change, in order', async () => {
    const node = await scene.start({ held: true });
    const id = await createOrder(node);
    await node.fulfilment.holds(id);
    node.fulfilment.fail(id, 'first try');
    await until('the second attempt runs', () =>
      node.fulfilment.held.some(({ orderId, attempt }) => orderId === id && attempt === 2),
    );
    node.fulfilment.complete(id);
    await scene.reaches(id, 'COMPLETED');
    expect(await scene.pathOf(id)).toEqual([
      'PENDING',
      'PROCESSING',
      'PENDING',
      'PROCESSING',
      'COMPLETED',
    ]);
    // A statement that changes no status leaves no event.
    await scene.sql('UPDATE orders SET last_error = last_error WHERE id = $1', [id]);
    expect(await scene.pathOf(id)).toHaveLength(5);
  });

  it('I8: a backlog costs no more than the capacity in ids, and is processed in order', async () => {
    const ids = await scene.insertOrders(2_000);
    const node = await scene.start({ held: true, settings: { queueCapacity: 50, workerCount: 3 } });
    const queue = node.get(OrderQueue);
    let deepest = 0;
    node.fulfilment.behaviour = () => {
      deepest = Math.max(deepest, queue.depth);
      return Promise.resolve();
    };
    node.fulfilment.completeAll();
    await until('all are completed', async () => {
      const [row] = await scene.sql<{ open: number }>(
        `SELECT count(*)::int AS open FROM orders WHERE status <> 'COMPLETED'`,
      );
      return row?.open === 0;
    });
    expect(deepest).toBeLessThanOrEqual(50);
    // Three loops take ids in order; the order in which they begin to work may differ by what they hold at once.
    const started = node.fulfilment.started.map(({ orderId }) => orderId);
    expect(started).toHaveLength(2_000);
    started.forEach((id, position) => {
      expect(Math.abs(ids.indexOf(id) - position)).toBeLessThan(10);
    });
  });

  it('I9: with every hint lost, recovery picks a ready order up', async () => {
    const node = await scene.start();
    // Behind the sweep of the start, which must not find what comes now.
    await node.get(RecoveryService).recover();
    // Committed beside the service, so that it is not announced.
    const [id = 0] = await scene.insertOrders(1);
    await scene.reaches(id, 'COMPLETED');
  });

  it('I9: one sweep finds it, and says so', async () => {
    const node = await scene.start({ held: true, settings: { recoveryIntervalMs: 3_600_000 } });
    const first = await createOrder(node);
    await node.fulfilment.holds(first);
    // The sweep of the start is over, and no other comes.
    await node.get(RecoveryService).onModuleDestroy();
    const [id = 0] = await scene.insertOrders(1);
    const counts = await node.get(RecoveryService).recover();
    expect(counts).toMatchObject({ rescued: 0, failed: 0, released: 0, fed: 1 });
    await node.fulfilment.holds(id);
  });

  it('answers the three calls as the contract says', async () => {
    const node = await scene.start({ held: true });
    const created = await call(`${node.url}/order/create_order`, { body: ORDER });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      order_id: 6,
      user_id: 2,
      item_ids: [12, 3],
      total_amount: 55,
      status: 'PENDING',
      attempt: 0,
      created_at: expect.any(String) as string,
      started_at: null,
      finished_at: null,
      last_error: null,
    });
    expect(created.headers.get('location')).toBe('/order/get_order/6');
    const second = await call(`${node.url}/order/get_order/2`);
    expect(second.body).toMatchObject({ order_id: 2, status: 'COMPLETED', total_amount: 55 });
    await node.fulfilment.holds(6);
    const metrics = await call(`${node.url}/metrics`);
    expect(metrics.body).toMatchObject({
      total_orders: 6,
      orders_by_status: { PENDING: 0, PROCESSING: 1, COMPLETED: 5, FAILED: 0, CANCELLED: 0 },
      queue: { depth: 0, capacity: 10_000, oldest_pending_seconds: null },
      workers: { total: 3, busy: 1 },
    });
  });
});
