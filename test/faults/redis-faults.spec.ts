import { WorkerPool } from '../../src/processing/workers/worker-pool.service';
import { freePort } from '../support/free-port';
import { missingRedisServer, RedisServer } from '../support/redis';
import { describeUnless } from '../support/requirement';
import { onTestEnd } from '../support/running-test';
import { call, createOrder, Scene, type StartOptions, type TestNode } from '../support/service';
import { TcpProxy } from '../support/tcp-proxy';
import { until } from '../support/until';

/** Attempts to connect, by which the waits between them have long stopped growing. */
const MANY_ATTEMPTS = 8;

/**
 * Each fault with a real Redis. The recovery job is put off to where no test gets, except where it is what is proved:
 * whatever is taken up again, the node takes up by itself, because Redis is back.
 */
describeUnless(missingRedisServer(), 'REQUIRE_REDIS')('with a Redis that fails', () => {
  const scene = new Scene();
  let redis: RedisServer;
  let proxy: TcpProxy | undefined;

  beforeEach(async () => {
    redis = await RedisServer.create();
  });

  afterEach(async () => {
    await proxy?.close();
    proxy = undefined;
    await redis.remove();
  });

  function start(options: StartOptions = {}, redisUrl = redis.url): Promise<TestNode> {
    const engine = { queueEngine: 'bullmq', redisUrl, recoveryIntervalMs: 3_600_000 } as const;
    return scene.start({ ...options, settings: { ...engine, ...options.settings } });
  }

  async function accept(node: TestNode, count: number): Promise<number[]> {
    return Promise.all(Array.from({ length: count }, () => createOrder(node)));
  }

  async function readiness(node: TestNode): Promise<{ status: number; says: unknown }> {
    const { status, body } = await call(`${node.url}/health/ready`);
    return { status, says: body['status'] };
  }

  async function untilReady(node: TestNode): Promise<void> {
    await until('the node is ready', async () => (await readiness(node)).says === 'ok');
  }

  async function limitMemory(bytes: string): Promise<void> {
    await redis.ask((client) => client.config('SET', 'maxmemory', bytes));
  }

  async function expectAllCompletedOnce(ids: readonly number[]): Promise<void> {
    for (const id of ids) await scene.reaches(id, 'COMPLETED');
    for (const id of ids)
      expect(await scene.pathOf(id)).toEqual(['PENDING', 'PROCESSING', 'COMPLETED']);
  }

  it('away at the start: takes orders, says degraded, and works them off once it is there', async () => {
    const node = await start();
    const ids = await accept(node, 20);
    const { status, body } = await call(`${node.url}/health/ready`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'degraded',
      info: { database: { status: 'up' } },
      error: { redis: { status: 'down', message: expect.stringContaining('Redis') as string } },
    });
    expect((await call(`${node.url}/health/live`)).status).toBe(200);
    await redis.start();
    await expectAllCompletedOnce(ids);
    await untilReady(node);
  });

  it('stopped for a while: takes orders meanwhile, and goes on when it is back', async () => {
    await redis.start();
    const node = await start();
    await untilReady(node);
    const before = await accept(node, 10);
    await expectAllCompletedOnce(before);
    await redis.kill();
    // Nothing in the node counts how long it lasts: it tries to connect at least once a second, for ever. Once it has
    // tried this often, the next minute would be like the last seconds.
    const refusing = await TcpProxy.start(await freePort(), redis.port);
    onTestEnd(() => refusing.close());
    const ids = await accept(node, 20);
    expect(await readiness(node)).toEqual({ status: 200, says: 'degraded' });
    await until('it has tried many times', () => refusing.attempts >= MANY_ATTEMPTS);
    ids.push(...(await accept(node, 5)));
    await refusing.close();
    await redis.start();
    await expectAllCompletedOnce(ids);
    await untilReady(node);
  });

  it('restarted empty: what it forgot is read from the table', async () => {
    await redis.start();
    const node = await start({ held: true });
    await untilReady(node);
    const ids = await accept(node, 30);
    await until('the loops are busy', () => node.fulfilment.held.length === 3);
    await until(
      'the others wait in Redis',
      async () => (await redis.ask((client) => client.llen('order-service:orders:wait'))) === 27,
    );
    await redis.kill();
    await redis.start();
    node.fulfilment.behaviour = () => Promise.resolve();
    node.fulfilment.completeAll();
    await expectAllCompletedOnce(ids);
  });

  it('emptied while nobody looked: the recovery job feeds what it forgot', async () => {
    await redis.start();
    const node = await start({ held: true, settings: { recoveryIntervalMs: 500 } });
    await untilReady(node);
    const ids = await accept(node, 10);
    await until('the loops are busy', () => node.fulfilment.held.length === 3);
    await redis.ask((client) => client.flushall());
    node.fulfilment.behaviour = () => Promise.resolve();
    node.fulfilment.completeAll();
    await expectAllCompletedOnce(ids);
  });

  it('out of memory, with hints in it that cannot be fetched: goes on when there is some again', async () => {
    await redis.start();
    const node = await start({ held: true });
    await untilReady(node);
    const hinted = await accept(node, 10);
    await until('the loops are busy', () => node.fulfilment.held.length === 3);
    await limitMemory('1');
    const refused = await accept(node, 20);
    node.fulfilment.behaviour = () => Promise.resolve();
    node.fulfilment.completeAll();
    await until('the loops have nothing to do', () => node.get(WorkerPool).busy === 0);
    expect(await scene.statusOf(refused[0] ?? 0)).toBe('PENDING');
    await limitMemory('0');
    await expectAllCompletedOnce([...hinted, ...refused]);
  });

  it('out of memory, with nothing in it: takes orders, and hints them when there is some again', async () => {
    await redis.start();
    const node = await start();
    await untilReady(node);
    await expectAllCompletedOnce(await accept(node, 3));
    await limitMemory('1');
    // The loops wait for their next order all the while, so that it is not they who look.
    const ids = await accept(node, 20);
    await until('hints are refused', async () => {
      const errors = await redis.ask((client) => client.info('errorstats'));
      return errors.includes('errorstat_OOM');
    });
    await limitMemory('0');
    await expectAllCompletedOnce(ids);
  });

  it('half open: notices that nothing gets through, and connects anew', async () => {
    await redis.start();
    proxy = await TcpProxy.start(redis.port);
    const node = await start({}, `redis://127.0.0.1:${proxy.port}`);
    await untilReady(node);
    await expectAllCompletedOnce(await accept(node, 5));
    const { attempts } = proxy;
    proxy.swallow();
    const ids = await accept(node, 20);
    await until('it has given the connection up', () => (proxy?.attempts ?? 0) > attempts);
    expect(await readiness(node)).toEqual({ status: 200, says: 'degraded' });
    ids.push(...(await accept(node, 5)));
    proxy.restore();
    await expectAllCompletedOnce(ids);
    await untilReady(node);
  });

  it('ends in good order while it is away', async () => {
    const node = await start();
    await accept(node, 3);
    await node.close();
  });
});
