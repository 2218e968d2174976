import { OrderClaims } from '../../src/processing/claims/order-claims.service';
import { Dispatcher } from '../../src/processing/queue/dispatcher.service';
import { OrderQueue } from '../../src/processing/queue/order-queue';
import { RecoveryService } from '../../src/processing/recovery.service';
import { onTestEnd } from '../support/running-test';
import { createOrder, Scene, type StartOptions, type TestNode } from '../support/service';
import { until } from '../support/until';

describe('the dispatcher', () => {
  const scene = new Scene();

  /** A node to which no sweep comes to help. */
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

  /** Holds the next read of the table up until the test lets it go on: it has read, but not answered. */
  function holdRead(node: TestNode): {
    readonly asked: Promise<void>;
    readonly answer: () => void;
  } {
    const claims = node.get(OrderClaims);
    const findReady = claims.findReady.bind(claims);
    const held = { asked: Promise.resolve(), answer: (): void => undefined };
    const answered = new Promise<void>((resolve) => {
      held.answer = resolve;
    });
    onTestEnd(held.answer);
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

  it('leaves in the table what does not fit, and refills when the queue runs low', async () => {
    const ids = await scene.insertOrders(30);
    const node = await startAlone({ held: true, settings: { queueCapacity: 8, workerCount: 1 } });
    const queue = node.get(OrderQueue);
    await node.fulfilment.holds(ids[0] ?? 0);
    expect(queue.depth).toBeGreaterThanOrEqual(7);
    expect(queue.depth).toBeLessThanOrEqual(8);
    const reads = jest.spyOn(node.get(OrderClaims), 'findReady');
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

  it('takes orders in their order, those of the table and those announced', async () => {
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

  it('loses no order that is announced while it reads', async () => {
    const node = await startAlone();
    await until('nothing is left to read', () => node.get(OrderQueue).hasTakers);
    const read = holdRead(node);
    const refilling = node.get(Dispatcher).refill();
    await read.asked;
    const id = await createOrder(node);
    read.answer();
    await refilling;
    await scene.reaches(id, 'COMPLETED');
  });

  it('reads again for whoever asks while it reads', async () => {
    const node = await startAlone();
    const read = holdRead(node);
    const first = node.get(Dispatcher).refill();
    await read.asked;
    const [id = 0] = await scene.insertOrders(1);
    const second = node.get(Dispatcher).refill();
    read.answer();
    expect([await first, await second]).toEqual([0, 1]);
    await scene.reaches(id, 'COMPLETED');
  });

  it('reads again by itself when a read has failed', async () => {
    const node = await startAlone();
    jest
      .spyOn(node.get(OrderClaims), 'findReady')
      .mockRejectedValueOnce(new Error('the database is away'));
    const failed = expect(node.get(Dispatcher).refill()).rejects.toThrow('away');
    const id = await createOrder(node);
    await failed;
    await scene.reaches(id, 'COMPLETED');
  });

  it('picks up a retry when it is due', async () => {
    const node = await startAlone({ settings: { retryBaseMs: 200, retryMaxMs: 200 } });
    node.fulfilment.behaviour = ({ attempt }) =>
      attempt < 4 ? Promise.reject(new Error('not yet')) : Promise.resolve();
    await scene.reaches(await createOrder(node), 'COMPLETED');
  });

  it('picks up a retry that is due soon, though it knows of one that is due later', async () => {
    await scene.insertOrders(1, { next_attempt_at: `now() + interval '50 minutes'` });
    const node = await startAlone();
    await node.get(Dispatcher).refill();
    node.fulfilment.behaviour = ({ attempt }) =>
      attempt < 2 ? Promise.reject(new Error('not yet')) : Promise.resolve();
    await scene.reaches(await createOrder(node), 'COMPLETED');
  });

  it('picks up an order that was not due yet when it was found in the table', async () => {
    const [id = 0] = await scene.insertOrders(1, {
      next_attempt_at: `now() + interval '500 milliseconds'`,
    });
    const node = await startAlone();
    await scene.reaches(id, 'COMPLETED');
    expect(node.fulfilment.started).toHaveLength(1);
  });

  it('feeds every loop, though the queue has room for fewer ids', async () => {
    await scene.insertOrders(6);
    const node = await startAlone({ held: true, settings: { queueCapacity: 1, workerCount: 4 } });
    await until('all loops are busy', () => node.fulfilment.held.length === 4);
    node.fulfilment.behaviour = () => Promise.resolve();
    node.fulfilment.completeAll();
    await untilAllCompleted();
  });

  it('ends a take that waits when it is closed', async () => {
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
