import type { Settings } from '../../src/config/settings';
import { missingRedis, RedisServer } from '../support/redis';
import { describeUnless } from '../support/requirement';
import { call, createOrder, Scene, type StartOptions, type TestNode } from '../support/service';
import { until } from '../support/until';

type Role = Settings['role'];

async function pageOf(node: TestNode, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${node.url}${path}`, { headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function accept(nodes: readonly TestNode[], each: number): Promise<number[]> {
  const ids = nodes.map((node) =>
    Promise.all(Array.from({ length: each }, () => createOrder(node))),
  );
  return (await Promise.all(ids)).flat();
}

describe('roles, with the queue in memory', () => {
  const scene = new Scene();

  it('a worker finds in the table what an api node has accepted', async () => {
    const api = await scene.start({ settings: { role: 'api' } });
    await scene.start({ settings: { role: 'worker' } });
    for (const id of await accept([api], 10)) await scene.reaches(id, 'COMPLETED');
  });

  it('an api node has no loops, no heartbeat, and pushes no hints', async () => {
    const api = await scene.start({ settings: { role: 'api' } });
    const [id = 0] = await accept([api], 3);
    const { body } = await call(`${api.url}/metrics`);
    expect(body).toMatchObject({ workers: { total: 0, busy: 0 }, queue: { depth: 0 } });
    expect(await scene.sql('SELECT id FROM processing_nodes')).toEqual([]);
    expect(await scene.statusOf(id)).toBe('PENDING');
  });

  it('a worker node serves probes and metrics, and nothing else', async () => {
    const worker = await scene.start({ settings: { role: 'worker' } });
    for (const path of ['/health/live', '/health/ready', '/metrics'])
      expect(await pageOf(worker, path)).toMatchObject({ status: 200 });
    const closed = [
      '/',
      '/order/get_order/2',
      '/order/list_orders',
      '/docs',
      '/docs-json',
      '/queues',
    ];
    for (const path of [...closed, '/health', '/metrics/x', '/order/../order/get_order/2']) {
      const { status, body } = await call(`${worker.url}${path}`);
      expect([path, status, body['code']]).toEqual([path, 404, 'not_served_here']);
    }
    const { status } = await call(`${worker.url}/order/create_order`, { body: {} });
    expect(status).toBe(404);
  });

  it('several nodes that do both pick up what another has left behind', async () => {
    const leaving = await scene.start({ held: true });
    const ids = await accept([leaving], 20);
    const staying = await scene.start();
    await leaving.close();
    ids.push(...(await accept([staying], 5)));
    for (const id of ids) await scene.reaches(id, 'COMPLETED');
  });

  it('has no board', async () => {
    const node = await scene.start();
    expect(await pageOf(node, '/queues')).toMatchObject({ status: 404 });
  });
});

describeUnless(missingRedis(), 'REQUIRE_REDIS')('roles, with the queue on BullMQ', () => {
  const scene = new Scene();
  let server: RedisServer | undefined;
  let redisUrl = process.env['REDIS_URL'] ?? '';
  let tests = 0;

  beforeAll(async () => {
    if (redisUrl !== '') return;
    server = await RedisServer.create();
    await server.start();
    redisUrl = server.url;
  });

  beforeEach(() => {
    tests += 1;
  });

  afterAll(async () => {
    await server?.remove();
  });

  function start(role: Role, options: StartOptions = {}): Promise<TestNode> {
    const redisPrefix = `roles-${process.pid}-${tests}`;
    // Nothing is found in the table that was not hinted.
    const engine = {
      queueEngine: 'bullmq',
      redisUrl,
      redisPrefix,
      recoveryIntervalMs: 3_600_000,
    } as const;
    return scene.start({ ...options, settings: { role, ...engine, ...options.settings } });
  }

  async function ready(node: TestNode): Promise<TestNode> {
    await until('Redis is reached', async () => {
      const { body } = await call(`${node.url}/health/ready`);
      return body['status'] === 'ok';
    });
    return node;
  }

  async function expectCompletedOnce(ids: readonly number[]): Promise<void> {
    for (const id of ids) await scene.reaches(id, 'COMPLETED');
    for (const id of ids)
      expect(await scene.pathOf(id)).toEqual(['PENDING', 'PROCESSING', 'COMPLETED']);
  }

  it('api nodes hint, workers work, in whichever order they start', async () => {
    const first = await ready(await start('api'));
    const ids = await accept([first], 20);
    await until('its metrics show what waits', async () => {
      const { body } = await call(`${first.url}/metrics`);
      return (body['queue'] as { depth: number }).depth === 20;
    });
    const workers = [await start('worker'), await start('worker')];
    await expectCompletedOnce(ids);
    const second = await ready(await start('api'));
    const more = await accept([first, second], 20);
    await expectCompletedOnce(more);
    await Promise.all(workers.map((worker) => worker.close()));
    const left = await accept([second], 10);
    await start('worker');
    await expectCompletedOnce(left);
  });

  it('a worker that ends leaves to the others what it has not begun', async () => {
    const api = await ready(await start('api'));
    const ending = await ready(await start('worker', { held: true }));
    const ids = await accept([api], 12);
    await until('it is busy', () => ending.fulfilment.held.length === 3);
    // What it had begun is released, and waits for a recovery job, which no test gets to see here.
    const begun = ending.fulfilment.held.map(({ orderId }) => orderId);
    await ending.close();
    await start('worker');
    await expectCompletedOnce(ids.filter((id) => !begun.includes(id)));
  });

  it('a retry is hinted though its order was in the queue a moment ago', async () => {
    const node = await ready(await start('all'));
    let failures = 0;
    node.fulfilment.behaviour = () => {
      failures += 1;
      return failures % 3 === 0 ? Promise.resolve() : Promise.reject(new Error('not yet'));
    };
    const [id = 0] = await accept([node], 1);
    await scene.reaches(id, 'COMPLETED');
    expect(await scene.pathOf(id)).toHaveLength(7);
  });

  it('shows the board to this machine, to look only', async () => {
    const api = await ready(await start('api'));
    await accept([api], 2);
    const page = await pageOf(api, '/queues');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    for (const [, asset = ''] of page.text.matchAll(/(?:src|href)="(static\/[^"]+)"/g))
      expect([asset, (await pageOf(api, `/queues/${asset}`)).status]).toEqual([asset, 200]);
    const { body } = await call(`${api.url}/queues/api/queues`);
    expect(body).toMatchObject({ queues: [{ name: 'orders', readOnlyMode: true }] });
    const pause = await fetch(`${api.url}/queues/api/queues/orders/pause`, { method: 'PUT' });
    expect(pause.status).toBe(405);
    const proxied = await pageOf(api, '/queues', { 'X-Forwarded-For': '127.0.0.1' });
    expect(proxied.status).toBe(404);
    expect(proxied.headers.get('content-type')).toContain('application/problem+json');
  });
});
