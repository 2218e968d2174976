import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { defaultSettings, type Settings } from '../../src/config/settings';
import { BullmqQueue } from '../../src/processing/queue/bullmq/bullmq-queue';
import { MemoryQueue } from '../../src/processing/queue/memory-queue';
import type { OrderQueue } from '../../src/processing/queue/order-queue';
import { askRedis, missingRedis, RedisServer } from '../support/redis';
import { describeUnless } from '../support/requirement';
import { until } from '../support/until';

type Overrides = Partial<Pick<Settings, 'queueCapacity' | 'redisUrl' | 'redisPrefix'>>;

function settingsOf(overrides: Overrides): Settings {
  return Object.freeze(Object.assign(defaultSettings(), overrides));
}

/** The ids from 1 to `count`. */
function numbers(count: number): number[] {
  return idsFrom(1, count);
}

function idsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

function pushAll(queue: OrderQueue, ids: readonly number[]): Promise<boolean[]> {
  return Promise.all(ids.map(async (id) => queue.push(id)));
}

async function takeAll(queue: OrderQueue, count: number): Promise<(number | undefined)[]> {
  const taken: (number | undefined)[] = [];
  for (let index = 0; index < count; index += 1) taken.push(await queue.take());
  return taken;
}

/** What every queue engine must do. `open` returns a queue that is ready; the suite closes it. */
function conforms(open: (queueCapacity: number) => Promise<OrderQueue>): void {
  let queue: OrderQueue;

  afterEach(async () => {
    await queue.close();
  });

  it('gives ids in the order in which they were pushed', async () => {
    queue = await open(10);
    expect(await pushAll(queue, [7, 3, 5])).toEqual([true, true, true]);
    await until('all ids wait', () => queue.depth === 3);
    expect(await takeAll(queue, 3)).toEqual([7, 3, 5]);
    await until('no id waits', () => queue.depth === 0);
  });

  it('lets consumers wait for ids that are pushed later', async () => {
    queue = await open(10);
    const consumers = numbers(3).map(() => queue.take());
    await pushAll(queue, [1, 2, 3]);
    expect((await Promise.all(consumers)).sort()).toEqual([1, 2, 3]);
  });

  it('gives each id to one consumer', async () => {
    queue = await open(1_000);
    const consumers = numbers(600).map(() => queue.take());
    await pushAll(queue, numbers(600));
    expect(new Set(await Promise.all(consumers))).toEqual(new Set(numbers(600)));
  });

  it('holds an id once, however often it is pushed', async () => {
    queue = await open(10);
    expect(await pushAll(queue, [1, 1, 2, 1])).toEqual([true, true, true, true]);
    expect(await queue.push(1)).toBe(true);
    expect(await takeAll(queue, 2)).toEqual([1, 2]);
    await queue.push(3);
    expect(await queue.take()).toBe(3);
  });

  it('accepts an id again as soon as it was taken', async () => {
    queue = await open(10);
    for (const id of [1, 1, 1, 1]) {
      expect(await queue.push(id)).toBe(true);
      expect(await queue.take()).toBe(id);
    }
  });

  it('refuses ids above its capacity, and accepts one again after takes', async () => {
    queue = await open(4);
    expect(await pushAll(queue, numbers(4))).toEqual([true, true, true, true]);
    expect(await queue.push(5)).toBe(false);
    expect(await takeAll(queue, 4)).toEqual([1, 2, 3, 4]);
    await until('an id is accepted', async () => queue.push(5));
    expect(await queue.take()).toBe(5);
  });

  it('resolves waiting takes with undefined when it closes, and then gives and accepts nothing', async () => {
    queue = await open(10);
    const consumers = numbers(5).map(() => queue.take());
    await queue.close();
    expect(new Set(await Promise.all(consumers))).toEqual(new Set([undefined]));
    expect(await queue.push(1)).toBe(false);
    expect(await queue.take()).toBeUndefined();
    expect(queue.depth).toBe(0);
    await queue.close();
  });
}

describe('the queue in memory', () => {
  conforms((queueCapacity) => Promise.resolve(new MemoryQueue(settingsOf({ queueCapacity }))));
});

describeUnless(missingRedis(), 'REQUIRE_REDIS')('the queue on BullMQ', () => {
  let server: RedisServer | undefined;
  let redisUrl = process.env['REDIS_URL'] ?? '';
  let redisPrefix = '';
  let opened: BullmqQueue[] = [];

  beforeAll(async () => {
    if (redisUrl !== '') return;
    server = await RedisServer.create();
    await server.start();
    redisUrl = server.url;
  });

  afterAll(async () => {
    await server?.remove();
  });

  beforeEach(() => {
    redisPrefix = `test-${randomUUID()}`;
    opened = [];
  });

  afterEach(async () => {
    await Promise.all(opened.map((queue) => queue.close()));
    await askRedis(redisUrl, async (redis) => {
      const keys = await redis.keys(`${redisPrefix}:*`);
      if (keys.length > 0) await redis.del(keys);
    });
  });

  async function open(queueCapacity: number): Promise<BullmqQueue> {
    const queue = new BullmqQueue(settingsOf({ queueCapacity, redisUrl, redisPrefix }));
    opened.push(queue);
    await until('the connection to Redis is up', () => queue.unavailableReason === undefined);
    return queue;
  }

  describe('conforms:', () => {
    conforms(open);
  });

  it('is shared: ids pushed by one node are taken by others, each once', async () => {
    const feeders = [await open(2_000), await open(2_000)];
    const consumers = [await open(2_000), await open(2_000), await open(2_000)];
    const taken: (number | undefined)[] = [];
    const loop = async (queue: OrderQueue) => {
      for (let id = await queue.take(); id !== undefined; id = await queue.take()) taken.push(id);
    };
    const loops = consumers.flatMap((queue) => numbers(10).map(() => loop(queue)));
    await Promise.all(feeders.map((queue, node) => pushAll(queue, idsFrom(1 + 200 * node, 200))));
    await until('all ids are taken', () => taken.length >= 400);
    await Promise.all(consumers.map((queue) => queue.close()));
    await Promise.all(loops);
    expect(taken.toSorted()).toEqual(idsFrom(1, 400).toSorted());
  });

  it('holds ids only, and nothing of those that were taken', async () => {
    const queue = await open(10_000);
    await queue.push(1);
    const [job] = await queue.jobs.getWaiting();
    expect(job?.asJSON()).toMatchObject({ id: 'order-1', name: 'order', data: '1' });
    await queue.take();
    await pushAll(queue, numbers(3_000));
    await takeAll(queue, 3_000);
    const left = await askRedis(redisUrl, (redis) => redis.keys(`${redisPrefix}:*`));
    const names = left.map((key) => key.split(':').at(-1));
    const housekeeping = ['events', 'id', 'marker', 'meta', 'stalled-check', 'stalled'];
    expect(names.filter((name) => !housekeeping.includes(name ?? ''))).toEqual([]);
    const events = await askRedis(redisUrl, (redis) => redis.xlen(`${redisPrefix}:orders:events`));
    // Redis trims a stream by whole nodes of a hundred entries each.
    expect(events).toBeLessThan(1_300);
  });

  it('exceeds its capacity by at most one batch for each further node that pushes', async () => {
    const feeders = [await open(20), await open(20), await open(20)];
    await Promise.all(feeders.map((queue, node) => pushAll(queue, idsFrom(1_000 * node, 500))));
    expect(await feeders[0]?.jobs.getWaitingCount()).toBeLessThanOrEqual(60);
    await until('all nodes see that it is full', () => feeders.every(({ depth }) => depth >= 20));
    const more = await Promise.all(feeders.map(async (queue, node) => queue.push(9_000 + node)));
    expect(more).toEqual([false, false, false]);
  });

  it('fetches no more jobs than consumers wait for', async () => {
    const queue = await open(100);
    await pushAll(queue, numbers(100));
    expect(await takeAll(queue, 2)).toEqual([1, 2]);
    expect(await queue.jobs.getJobCounts('waiting', 'active')).toEqual({ waiting: 98, active: 0 });
  });

  it('loses no id when it closes during a fetch', async () => {
    const feeder = await open(1_000);
    const taken: (number | undefined)[] = [];
    for (const id of numbers(60)) {
      const closing = await open(1_000);
      const taking = closing.take();
      await feeder.push(id);
      // A different number of rounds for each id, so that some closes fall into the fetch.
      for (let round = 0; round < id / 3; round += 1) await setImmediate();
      await closing.close();
      taken.push(await taking);
    }
    const out = taken.filter((id) => id !== undefined);
    const left = (await feeder.jobs.getWaiting()).map(({ data }) => data);
    expect([...out, ...left].sort((a, b) => a - b)).toEqual(numbers(60));
  });

  it('puts back the job that a node had fetched when it was lost', async () => {
    const feeder = await open(10);
    await feeder.push(1);
    // A job that is fetched and never finished, as after a SIGKILL between the two.
    const dead = new Worker('orders', null, {
      connection: { url: redisUrl },
      prefix: redisPrefix,
      autorun: false,
      lockDuration: 1_000,
    });
    await dead.getNextJob('dead', { block: false });
    await dead.close(true);
    expect(await feeder.jobs.getJobCounts('waiting', 'active')).toEqual({ waiting: 0, active: 1 });
    const queue = await open(10);
    const taken = queue.take();
    // Has no effect while the stalled job exists.
    await queue.push(1);
    expect(await taken).toBe(1);
  });
});
