import { Logger } from '@nestjs/common';
import { RedisConnection } from '../../src/processing/queue/bullmq/redis-connection';
import { WorkerPool } from '../../src/processing/workers/worker-pool.service';
import { freePort } from '../support/free-port';
import { missingRedisServer, RedisServer } from '../support/redis';
import { describeUnless } from '../support/requirement';
import { onTestEnd } from '../support/running-test';
import { call, createOrder, Scene, type StartOptions, type TestNode } from '../support/service';
import { TcpProxy } from '../support/tcp-proxy';
import { until } from '../support/until';

/** After this many attempts to connect, the waits between them have reached their maximum. */
const MANY_ATTEMPTS = 8;

/**
 * Each fault happens to a real Redis. The recovery job does not run during a test, except in the test of the recovery
 * job: work must resume because the node notices by itself that Redis is available again.
 */
describeUnless(missingRedisServer(), 'REQUIRE_REDIS')('a node whose Redis fails', () => {
  const scene = new Scene();
  let redis: RedisServer;
  let proxy: TcpProxy | undefined;

  beforeEach(async () => {
    redis = await RedisServer.create();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
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

  async function readiness(node: TestNode): Promise<{ status: number; reported: unknown }> {
    const { status, body } = await call(`${node.url}/health/ready`);
    return { status, reported: body['status'] };
  }

  async function untilReady(node: TestNode): Promise<void> {
    await until('the node is ready', async () => (await readiness(node)).reported === 'ok');
  }

  async function limitMemory(bytes: string): Promise<void> {
    await redis.ask((client) => client.config('SET', 'maxmemory', bytes));
  }

  async function expectAllCompletedOnce(ids: readonly number[]): Promise<void> {
    for (const id of ids) await scene.reaches(id, 'COMPLETED');
    for (const id of ids)
      expect(await scene.pathOf(id)).toEqual(['PENDING', 'PROCESSING', 'COMPLETED']);
  }

  it('unavailable at the start: accepts orders, reports degraded, and processes them once Redis is available', async () => {
    const node = await start();
    const ids = await accept(node, 20);
    const { status, body } = await call(`${node.url}/health/ready`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'degraded',
      info: { database: { status: 'up' } },
      error: {
        redis: { status: 'down', message: expect.stringMatching(/^Redis unavailable: /) as string },
      },
    });
    expect((await call(`${node.url}/health/live`)).status).toBe(200);
    await redis.start();
    await expectAllCompletedOnce(ids);
    await untilReady(node);
  });

  it('stopped for a while: accepts orders meanwhile, and processes them when Redis is available again', async () => {
    await redis.start();
    const node = await start();
    await untilReady(node);
    const before = await accept(node, 10);
    await expectAllCompletedOnce(before);
    await redis.kill();
    // The node tries to connect at least once a second without an end. After this many attempts a longer outage would
    // show nothing new.
    const refusing = await TcpProxy.start(await freePort(), redis.port);
    onTestEnd(() => refusing.close());
    const ids = await accept(node, 20);
    expect(await readiness(node)).toEqual({ status: 200, reported: 'degraded' });
    await until(
      'the node has tried to connect many times',
      () => refusing.attempts >= MANY_ATTEMPTS,
    );
    ids.push(...(await accept(node, 5)));
    await refusing.close();
    await redis.start();
    await expectAllCompletedOnce(ids);
    await untilReady(node);
  });

  it('restarted empty: the lost ids are read from the table', async () => {
    await redis.start();
    const node = await start({ held: true });
    await untilReady(node);
    const ids = await accept(node, 30);
    await until('the worker loops are busy', () => node.fulfilment.held.length === 3);
    await until(
      'the other ids wait in Redis',
      async () => (await redis.ask((client) => client.llen('order-service:orders:wait'))) === 27,
    );
    await redis.kill();
    await redis.start();
    node.fulfilment.behaviour = () => Promise.resolve();
    node.fulfilment.completeAll();
    await expectAllCompletedOnce(ids);
  });

  it('emptied while connected: the recovery job pushes the lost ids again', async () => {
    await redis.start();
    const node = await start({ held: true, settings: { recoveryIntervalMs: 500 } });
    await untilReady(node);
    const ids = await accept(node, 10);
    await until('the worker loops are busy', () => node.fulfilment.held.length === 3);
    await redis.ask((client) => client.flushall());
    node.fulfilment.behaviour = () => Promise.resolve();
    node.fulfilment.completeAll();
    await expectAllCompletedOnce(ids);
  });

  it('out of memory with ids in it that cannot be fetched: resumes when there is memory again', async () => {
    await redis.start();
    const node = await start({ held: true });
    await untilReady(node);
    const hinted = await accept(node, 10);
    await until('the worker loops are busy', () => node.fulfilment.held.length === 3);
    await limitMemory('1');
    const refused = await accept(node, 20);
    node.fulfilment.behaviour = () => Promise.resolve();
    node.fulfilment.completeAll();
    await until('the worker loops are idle', () => node.get(WorkerPool).busy === 0);
    expect(await scene.statusOf(refused[0] ?? 0)).toBe('PENDING');
    await limitMemory('0');
    await expectAllCompletedOnce([...hinted, ...refused]);
  });

  it('out of memory and empty: accepts orders, and pushes their ids when there is memory again', async () => {
    await redis.start();
    const node = await start();
    await untilReady(node);
    await expectAllCompletedOnce(await accept(node, 3));
    await limitMemory('1');
    // The worker loops wait for their next order throughout, so that none of their calls starts a refill.
    const ids = await accept(node, 20);
    await until('Redis refuses ids', async () => {
      const errors = await redis.ask((client) => client.info('errorstats'));
      return errors.includes('errorstat_OOM');
    });
    await limitMemory('0');
    await expectAllCompletedOnce(ids);
  });

  it('half-open connection: notices that no answer comes, and connects again', async () => {
    await redis.start();
    proxy = await TcpProxy.start(redis.port);
    const node = await start({}, `redis://127.0.0.1:${proxy.port}`);
    await untilReady(node);
    await expectAllCompletedOnce(await accept(node, 5));
    const { attempts } = proxy;
    proxy.swallow();
    const ids = await accept(node, 20);
    await until('the node has closed the connection', () => (proxy?.attempts ?? 0) > attempts);
    expect(await readiness(node)).toEqual({ status: 200, reported: 'degraded' });
    ids.push(...(await accept(node, 5)));
    proxy.restore();
    await expectAllCompletedOnce(ids);
    await untilReady(node);
  });

  it('logs one line for an outage and one for its end, however many attempts it takes', async () => {
    const warnings = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const messages = jest.spyOn(Logger.prototype, 'log').mockReturnValue();
    const refusing = (proxy = await TcpProxy.start(await freePort(), redis.port));
    const connection = new RedisConnection(redis.url);
    try {
      await until('it has tried to connect several times', () => refusing.attempts >= 3);
      proxy = undefined;
      await refusing.close();
      await redis.start();
      await until('Redis is connected', () => connection.isUp);
      expect(connection.unavailableReason).toBeUndefined();
      await redis.kill();
      await until('it notices', () => !connection.isUp);
      expect(connection.unavailableReason).toBe('Redis unavailable: connection closed');
    } finally {
      connection.close();
    }
    expect(warnings.mock.calls.flat()).toEqual([
      expect.stringMatching(/^Redis unavailable: .+ Check Redis and REDIS_URL\.$/),
      expect.stringMatching(/^Redis unavailable: connection closed\. /),
    ]);
    expect(messages).toHaveBeenCalledTimes(1);
    expect(messages).toHaveBeenCalledWith('Redis available again');
  });

  it('unavailable: the node shuts down cleanly', async () => {
    const node = await start();
    await accept(node, 3);
    await node.close();
  });
});
