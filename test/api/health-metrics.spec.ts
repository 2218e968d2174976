import { createDatabase } from '../support/database';
import { bringBack, takeAway } from '../support/outage';
import { expectProblem } from '../support/problem';
import { call, createOrder, Scene, TestNode } from '../support/service';
import { until } from '../support/until';

const live = (node: TestNode) => call(`${node.url}/health/live`);
const ready = (node: TestNode) => call(`${node.url}/health/ready`);
const metrics = (node: TestNode) => call(`${node.url}/metrics`);

describe('the probes', () => {
  const scene = new Scene();

  it('say 200 while all is well, and are not cached', async () => {
    const node = await scene.start();
    const alive = await live(node);
    expect({ status: alive.status, body: alive.body }).toMatchObject({
      status: 200,
      body: { status: 'ok' },
    });
    const answer = await ready(node);
    expect({ status: answer.status, body: answer.body }).toMatchObject({
      status: 200,
      body: {
        status: 'ok',
        details: {
          database: { status: 'up' },
          migrations: { status: 'up' },
          not_draining: { status: 'up' },
        },
      },
    });
    expect(answer.headers.get('cache-control')).toContain('no-store');
  });

  it('say what is down while the database is away, and recover by themselves', async () => {
    const node = await scene.start();
    expect((await ready(node)).status).toBe(200);
    await takeAway(scene.databaseUrl);
    const answer = await ready(node);
    expectProblem(answer, 503, 'not_ready');
    expect(answer.body['detail']).toBe('Failed health checks: database.');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    // A restart would not bring the database back.
    expect((await live(node)).status).toBe(200);
    expectProblem(await metrics(node), 503, 'database_unavailable');
    await bringBack(scene.databaseUrl);
    await until('the node is ready', async () => (await ready(node)).status === 200);
  });

  it('say that migrations are pending', async () => {
    const [last] = await scene.sql<{ timestamp: string; name: string }>(
      `DELETE FROM migrations WHERE id = (SELECT max(id) FROM migrations) RETURNING timestamp, name`,
    );
    const node = await scene.start();
    const answer = await ready(node);
    expectProblem(answer, 503, 'not_ready');
    expect(answer.body['detail']).toBe('Failed health checks: migrations.');
    await scene.sql(`INSERT INTO migrations (timestamp, name) VALUES ($1, $2)`, [
      last?.timestamp,
      last?.name,
    ]);
    expect((await ready(node)).status).toBe(200);
  });

  it('send traffic elsewhere during the drain, while the node still answers', async () => {
    const node = await scene.start({ held: true, settings: { shutdownDrainMs: 60_000 } });
    const id = await createOrder(node);
    await node.fulfilment.holds(id);
    const closing = node.close();
    await until('the node is not ready', async () => (await ready(node)).status === 503);
    const answer = await ready(node);
    expectProblem(answer, 503, 'not_ready');
    expect(answer.body['detail']).toBe('Failed health checks: not_draining.');
    expect((await live(node)).status).toBe(200);
    const order = await call(`${node.url}/order/get_order/${id}`);
    expect(order.body).toMatchObject({ order_id: id, status: 'PROCESSING' });
    node.fulfilment.complete(id);
    await closing;
    expect(await scene.statusOf(id)).toBe('COMPLETED');
  });
});

describe('the metrics', () => {
  const scene = new Scene();

  it('are all there before the first order', async () => {
    const database = await createDatabase();
    const node = await TestNode.start(database.url);
    try {
      const { status, headers, body } = await metrics(node);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toMatch(/^application\/json/);
      expect(body).toEqual({
        total_orders: 0,
        orders_by_status: { PENDING: 0, PROCESSING: 0, COMPLETED: 0, FAILED: 0, CANCELLED: 0 },
        average_processing_time_seconds: null,
        average_completion_time_seconds: null,
        queue: { depth: 0, capacity: 10_000, oldest_pending_seconds: null },
        workers: { total: 3, busy: 0 },
      });
    } finally {
      await node.close();
      await database.drop();
    }
  });

  it('average completed orders only', async () => {
    const node = await scene.start();
    await scene.sql('DELETE FROM orders');
    const insert = (status: string, started: string, finished: string) =>
      scene.insertOrders(1, {
        status: `'${status}'`,
        created_at: 'now()',
        started_at: `now() + interval '${started}'`,
        finished_at: `now() + interval '${finished}'`,
      });
    await insert('FAILED', '1 s', '1 day');
    await insert('CANCELLED', '1 s', '2 days');
    expect((await metrics(node)).body).toMatchObject({
      total_orders: 2,
      average_processing_time_seconds: null,
      average_completion_time_seconds: null,
    });
    await insert('COMPLETED', '3 s', '5 s');
    await insert('COMPLETED', '5 s', '9.0009 s');
    expect((await metrics(node)).body).toMatchObject({
      total_orders: 4,
      orders_by_status: { PENDING: 0, PROCESSING: 0, COMPLETED: 2, FAILED: 1, CANCELLED: 1 },
      average_processing_time_seconds: 3,
      average_completion_time_seconds: 7,
    });
  });

  it('show the queue and the loops as they are', async () => {
    const node = await scene.start({ held: true, settings: { workerCount: 2, queueCapacity: 50 } });
    const ids = [];
    for (let order = 0; order < 5; order += 1) ids.push(await createOrder(node));
    for (const id of ids.slice(0, 2)) await node.fulfilment.holds(id);
    const { body } = await metrics(node);
    expect(body).toMatchObject({
      orders_by_status: { PENDING: 3, PROCESSING: 2 },
      queue: { capacity: 50, oldest_pending_seconds: expect.any(Number) as number },
      workers: { total: 2, busy: 2 },
    });
    // Ids are hints: a sweep may have read one of the two again just before it was claimed.
    const { depth } = body['queue'] as { depth: number };
    expect(depth).toBeGreaterThanOrEqual(3);
    expect(depth).toBeLessThanOrEqual(5);
    node.fulfilment.behaviour = () => Promise.resolve();
    node.fulfilment.completeAll();
    for (const id of ids) await scene.reaches(id, 'COMPLETED');
    await until('the loops rest', async () => {
      const { workers } = (await metrics(node)).body as { workers: { busy: number } };
      return workers.busy === 0;
    });
    expect((await metrics(node)).body).toMatchObject({
      total_orders: 10,
      queue: { depth: 0, oldest_pending_seconds: null },
    });
  });
});
