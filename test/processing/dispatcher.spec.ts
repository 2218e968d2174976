import { Subject } from 'rxjs';
import { defaultSettings } from '../../src/config/settings';
import { OrderSignals } from '../../src/orders/order-signals.service';
import { ClaimsRepository } from '../../src/processing/claims/claims.repository';
import { Dispatcher } from '../../src/processing/queue/dispatcher.service';
import { MemoryQueue } from '../../src/processing/queue/memory-queue';
import { OrderQueue, type QueueEvent } from '../../src/processing/queue/order-queue';
import { RecoveryService } from '../../src/processing/recovery.service';
import { onTestEnd } from '../support/running-test';
import { createOrder, Scene, type StartOptions, type TestNode } from '../support/service';
import { until } from '../support/until';

/** Holds the next read of the table when it has its result, until the test calls `answer`. */
function holdRead(claims: ClaimsRepository): {
  readonly asked: Promise<void>;
  readonly answer: () => void;
} {
  // The class's own method, in case that the instance's is watched already.
  const findReady = ClaimsRepository.prototype.findReady.bind(claims);
  const held = { asked: Promise.resolve(), answer: (): void => undefined };
  const answered = new Promise<void>((resolve) => {
    held.answer = resolve;
  });
  onTestEnd(() => {
    held.answer();
  });
  held.asked = new Promise((resolve) => {
    jest.spyOn(claims, 'findReady').mockImplementationOnce(async (limit) => {
      const ids = await findReady(limit);
      resolve();
      await answered;
      return ids;
    });
  });
  return held;
}

/** A queue whose engine reports what a test tells it to. */
class ReportingQueue extends MemoryQueue {
  override readonly events = new Subject<QueueEvent>();
}

describe('the dispatcher', () => {
  const scene = new Scene();

  /** A node without recovery runs, so that the dispatcher alone finds the orders. */
  async function startAlone(options: StartOptions = {}): Promise<TestNode> {
    const settings = { recoveryIntervalMs: 3_600_000, ...options.settings };
    const node = await scene.start({ ...options, settings });
    await node.get(RecoveryService).onModuleDestroy();
    return node;
  }

  async function untilAllCompleted(): Promise<void> {
    await until('all orders are completed', async () => {
      const open = `SELECT FROM orders WHERE status <> 'COMPLETED' LIMIT 1`;
      return (await scene.sql(open)).length === 0;
    });
  }

  it('leaves orders that do not fit in the table, and refills when the queue runs low', async () => {
    const ids = await scene.insertOrders(30);
    const node = await startAlone({ held: true, settings: { queueCapacity: 8, workerCount: 1 } });
    const queue = node.get(OrderQueue);
    await node.fulfilment.holds(ids[0] ?? 0);
    expect(queue.depth).toBeGreaterThanOrEqual(7);
    expect(queue.depth).toBeLessThanOrEqual(8);
    const reads = jest.spyOn(node.get(ClaimsRepository), 'findReady');
    let current = 0;
    const next = () => {
      node.fulfilment.complete(ids[current] ?? 0);
      current += 1;
    };
    while (queue.depth > 3) {
      next();
      await node.fulfilment.holds(ids[current] ?? 0);
      expect(reads).not.toHaveBeenCalled();
    }
    next();
    await until('the queue is filled again', () => queue.depth === 8);
    expect(reads).toHaveBeenCalledTimes(1);
    node.fulfilment.behaviour = () => Promise.resolve();
    node.fulfilment.completeAll();
    await untilAllCompleted();
  });

  it('processes orders in their order, those in the table before those announced later', async () => {
    const waiting = await scene.insertOrders(20);
    const node = await startAlone({ held: true, settings: { queueCapacity: 5, workerCount: 1 } });
    const announced: number[] = [];
    for (let count = 0; count < 10; count += 1) announced.push(await createOrder(node));
    node.fulfilment.behaviour = () => Promise.resolve();
    node.fulfilment.completeAll();
    await untilAllCompleted();
    const started = node.fulfilment.started.map(({ orderId }) => orderId);
    expect(started).toEqual([...waiting, ...announced]);
  });

  it('pushes an order that is announced during a read after the read', async () => {
    const node = await startAlone();
    await until('a worker loop waits for an id', () => node.get(OrderQueue).hasWaitingConsumers);
    const read = holdRead(node.get(ClaimsRepository));
    const refilling = node.get(Dispatcher).refill();
    await read.asked;
    const id = await createOrder(node);
    read.answer();
    await refilling;
    await scene.reaches(id, 'COMPLETED');
  });

  it('reads again for a caller that asks during a read', async () => {
    const node = await startAlone();
    const read = holdRead(node.get(ClaimsRepository));
    const first = node.get(Dispatcher).refill();
    await read.asked;
    const [id = 0] = await scene.insertOrders(1);
    const second = node.get(Dispatcher).refill();
    read.answer();
    expect([await first, await second]).toEqual([0, 1]);
    await scene.reaches(id, 'COMPLETED');
  });

  it('reads again by itself after a read has failed', async () => {
    const node = await startAlone();
    jest
      .spyOn(node.get(ClaimsRepository), 'findReady')
      .mockRejectedValueOnce(new Error('database unavailable'));
    const failed = expect(node.get(Dispatcher).refill()).rejects.toThrow('unavailable');
    const id = await createOrder(node);
    await failed;
    await scene.reaches(id, 'COMPLETED');
  });

  it('processes a retry when it is due', async () => {
    const node = await startAlone({ settings: { retryBaseMs: 200, retryMaxMs: 200 } });
    node.fulfilment.behaviour = ({ attempt }) =>
      attempt < 4 ? Promise.reject(new Error('not yet')) : Promise.resolve();
    await scene.reaches(await createOrder(node), 'COMPLETED');
  });

  it('processes a retry that is due soon while a later one is scheduled', async () => {
    await scene.insertOrders(1, { next_attempt_at: `now() + interval '50 minutes'` });
    const node = await startAlone();
    await node.get(Dispatcher).refill();
    node.fulfilment.behaviour = ({ attempt }) =>
      attempt < 2 ? Promise.reject(new Error('not yet')) : Promise.resolve();
    await scene.reaches(await createOrder(node), 'COMPLETED');
  });

  it('processes an order that was not due yet when the table was read', async () => {
    const [id = 0] = await scene.insertOrders(1, {
      next_attempt_at: `now() + interval '500 milliseconds'`,
    });
    const node = await startAlone();
    await scene.reaches(id, 'COMPLETED');
    expect(node.fulfilment.started).toHaveLength(1);
  });

  it('feeds every worker loop when the capacity is below their number', async () => {
    await scene.insertOrders(6);
    const node = await startAlone({ held: true, settings: { queueCapacity: 1, workerCount: 4 } });
    await until('all worker loops are busy', () => node.fulfilment.held.length === 4);
    node.fulfilment.behaviour = () => Promise.resolve();
    node.fulfilment.completeAll();
    await untilAllCompleted();
  });

  it('resolves a waiting take with undefined when it is closed', async () => {
    const node = await startAlone();
    const dispatcher = node.get(Dispatcher);
    const take = dispatcher.next();
    await dispatcher.onModuleDestroy();
    expect(await take).toBeUndefined();
    expect(await dispatcher.next()).toBeUndefined();
    dispatcher.wakeIn(1);
    await dispatcher.onModuleDestroy();
  });
});

describe('a dispatcher without worker loops', () => {
  const scene = new Scene();
  const dispatchers: Dispatcher[] = [];

  afterEach(async () => {
    await Promise.all(dispatchers.splice(0).map((dispatcher) => dispatcher.onModuleDestroy()));
  });

  /** On an API node, which has no dispatcher of its own when the queue is in memory. Up to date with the table. */
  async function startDispatcher(queueCapacity: number) {
    const node = await scene.start({ settings: { role: 'api' } });
    const settings = Object.assign(defaultSettings(), { queueCapacity });
    const queue = new ReportingQueue(settings);
    const claims = node.get(ClaimsRepository);
    const dispatcher = new Dispatcher(settings, queue, claims, node.get(OrderSignals));
    dispatchers.push(dispatcher);
    dispatcher.onApplicationBootstrap();
    await dispatcher.refill();
    const reads = jest.spyOn(claims, 'findReady');
    return { node, queue, claims, dispatcher, reads };
  }

  async function takeAll(queue: OrderQueue, count: number): Promise<(number | undefined)[]> {
    return Promise.all(Array.from({ length: count }, () => queue.take()));
  }

  it('pushes announced ids without a read when up to date', async () => {
    const { node, queue, reads } = await startDispatcher(10);
    const ids = [await createOrder(node), await createOrder(node)];
    expect(await takeAll(queue, 2)).toEqual(ids);
    expect(reads).not.toHaveBeenCalled();
  });

  it('reads again when the engine is reset during a read', async () => {
    const { queue, claims, dispatcher, reads } = await startDispatcher(10);
    const read = holdRead(claims);
    const refilling = dispatcher.refill();
    await read.asked;
    queue.events.next('reset');
    read.answer();
    await refilling;
    await until('the table is read again', () => reads.mock.calls.length === 2);
  });

  it('is behind after a read during which a queue that is not low was reset', async () => {
    const { node, queue, claims, dispatcher, reads } = await startDispatcher(10);
    const ids = await scene.insertOrders(5);
    await dispatcher.refill();
    const read = holdRead(claims);
    const refilling = dispatcher.refill();
    await read.asked;
    queue.events.next('reset');
    read.answer();
    await refilling;
    expect(reads).toHaveBeenCalledTimes(2);
    // Left to the table, because the dispatcher is behind; read from it when the queue runs low.
    const id = await createOrder(node);
    expect(queue.depth).toBe(5);
    expect(await takeAll(queue, 3)).toEqual(ids.slice(0, 3));
    queue.events.next('spaceAvailable');
    await until('the order is read', () => queue.depth > 2);
    expect(await takeAll(queue, 2)).toEqual(ids.slice(3));
    expect(await takeAll(queue, 4)).toEqual([...ids.slice(0, 3), id]);
  });

  it('reads again when more ids are announced during a read than it may keep', async () => {
    const { node, queue, claims, dispatcher, reads } = await startDispatcher(2);
    const consumers = takeAll(queue, 4);
    const read = holdRead(claims);
    const refilling = dispatcher.refill();
    await read.asked;
    const ids: number[] = [];
    for (let count = 0; count < 3; count += 1) ids.push(await createOrder(node));
    read.answer();
    await refilling;
    expect(reads).toHaveBeenCalledTimes(2);
    // The first two are not claimed here, so that they are still the first in line.
    const kept = ids.slice(0, 2);
    expect(await consumers).toEqual([...kept, ...kept]);
  });

  it('leaves ids that are announced during a read that fails to the next read', async () => {
    const { node, queue, dispatcher, reads } = await startDispatcher(10);
    let fail = (): void => undefined;
    const failing = new Promise<number[]>((_, reject) => {
      fail = () => {
        reject(new Error('database unavailable'));
      };
    });
    reads.mockReturnValueOnce(failing);
    const failed = expect(dispatcher.refill()).rejects.toThrow('unavailable');
    await until('the read is under way', () => reads.mock.calls.length === 1);
    const id = await createOrder(node);
    fail();
    await failed;
    expect(queue.depth).toBe(0);
    const later = await createOrder(node);
    await until('the table is read again', () => queue.depth === 2);
    expect(await takeAll(queue, 2)).toEqual([id, later]);
    expect(reads).toHaveBeenCalledTimes(2);
  });

  it('stops during a read, and reads no more', async () => {
    const { claims, dispatcher, reads } = await startDispatcher(10);
    await scene.insertOrders(1);
    const read = holdRead(claims);
    const refilling = dispatcher.refill();
    await read.asked;
    const stopping = dispatcher.onModuleDestroy();
    read.answer();
    expect(await refilling).toBe(1);
    await stopping;
    expect(await dispatcher.refill()).toBe(0);
    expect(reads).toHaveBeenCalledTimes(1);
  });
});
