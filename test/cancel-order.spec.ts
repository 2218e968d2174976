import { setTimeout as sleep } from 'node:timers/promises';
import { TRANSITIONS, type OrderStatus } from '../src/orders/order-status';
import { RecoveryService } from '../src/processing/recovery.service';
import { expectProblem, pointersOf } from './support/problem';
import { call, createOrder, Scene, type TestNode } from './support/service';
import { until } from './support/until';

const DEAD_NODE = '00000000-0000-4000-8000-00000000dead';
const NEVER_MS = 3_600_000;

type Answer = Awaited<ReturnType<typeof call>>;

const cancel = (node: TestNode, id: number | string) =>
  call(`${node.url}/order/cancel_order/${id}`, { method: 'POST' });

const retry = (node: TestNode, id: number) =>
  call(`${node.url}/order/retry_order/${id}`, { method: 'POST' });

/** What may become of an order, by what the caller of cancel was told. */
const FATES: Readonly<Record<number, readonly string[]>> = {
  200: ['CANCELLED'],
  202: ['CANCELLED', 'COMPLETED'],
  409: ['COMPLETED'],
};

describe('cancel_order', () => {
  const scene = new Scene();

  async function insertOne(columns: Record<string, string>): Promise<number> {
    const [id = 0] = await scene.insertOrders(1, columns);
    return id;
  }

  /** The order ends, as the caller was told, and by legal steps only. */
  async function expectFate(id: number, told: Answer): Promise<void> {
    await until(`order ${id} is final`, async () =>
      ['COMPLETED', 'CANCELLED'].includes((await scene.statusOf(id)) ?? ''),
    );
    const status = await scene.statusOf(id);
    const fates = FATES[told.status] ?? [];
    expect({ told: told.status, status, isTrue: fates.includes(status ?? '') }).toMatchObject({
      isTrue: true,
    });
    const path = (await scene.pathOf(id)) as OrderStatus[];
    path.slice(1).forEach((to, index) => {
      expect(TRANSITIONS[path[index] ?? 'COMPLETED']).toContain(to);
    });
    expect(path.at(-1)).toBe(status);
  }

  it('cancels an order that waits, at once and also again', async () => {
    const node = await scene.start();
    const id = await insertOne({ next_attempt_at: `now() + interval '1 hour'` });
    for (const answer of [await cancel(node, id), await cancel(node, id)]) {
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        order_id: id,
        status: 'CANCELLED',
        finished_at: expect.any(String) as string,
      });
    }
    expect(await scene.pathOf(id)).toEqual(['PENDING', 'CANCELLED']);
    await scene.expectCountersExact();
  });

  it('cancels an order that stands in the queue, which nobody works on then', async () => {
    const node = await scene.start({ held: true, settings: { workerCount: 1 } });
    const [first, second, third] = [
      await createOrder(node),
      await createOrder(node),
      await createOrder(node),
    ];
    await node.fulfilment.holds(first);
    expect((await cancel(node, second)).status).toBe(200);
    node.fulfilment.complete(first);
    await node.fulfilment.holds(third);
    expect(node.fulfilment.started.map(({ orderId }) => orderId)).toEqual([first, third]);
  });

  it('stops the work on an order, and cancels it', async () => {
    const node = await scene.start({ held: true });
    const id = await createOrder(node);
    await node.fulfilment.holds(id);
    const asked = await cancel(node, id);
    expect(asked.status).toBe(202);
    expect(asked.body).toMatchObject({ order_id: id, status: 'PROCESSING' });
    await scene.reaches(id, 'CANCELLED');
    expect(node.fulfilment.held).toEqual([]);
    expect((await cancel(node, id)).status).toBe(200);
    expect(await scene.pathOf(id)).toEqual(['PENDING', 'PROCESSING', 'CANCELLED']);
  });

  it('comes too late for an order that has completed or failed', async () => {
    const node = await scene.start();
    const failed = await insertOne({ status: `'FAILED'`, finished_at: 'now()' });
    for (const id of [2, failed]) {
      const before = await scene.sql('SELECT * FROM orders WHERE id = $1', [id]);
      expectProblem(await cancel(node, id), 409, 'cancel_too_late');
      expect(await scene.sql('SELECT * FROM orders WHERE id = $1', [id])).toEqual(before);
    }
  });

  it('knows no order that is not there', async () => {
    const node = await scene.start();
    expectProblem(await cancel(node, 999), 404, 'order_not_found');
    expect(pointersOf(await cancel(node, 'x'))).toEqual(['/order_id']);
  });

  describe('asked at one node while another works on the order', () => {
    async function startTwo(heartbeatIntervalMs: number): Promise<[TestNode, TestNode, number]> {
      const settings = { heartbeatIntervalMs, recoveryIntervalMs: NEVER_MS };
      const worker = await scene.start({ held: true, settings: { ...settings, maxAttempts: 3 } });
      const id = await createOrder(worker);
      await worker.fulfilment.holds(id);
      return [await scene.start({ held: true, settings }), worker, id];
    }

    it('is heard by the heartbeat', async () => {
      const [asked, worker, id] = await startTwo(200);
      expect((await cancel(asked, id)).status).toBe(202);
      await scene.reaches(id, 'CANCELLED');
      expect(worker.fulfilment.held).toEqual([]);
    });

    it('comes before another attempt', async () => {
      const [asked, worker, id] = await startTwo(NEVER_MS);
      expect((await cancel(asked, id)).status).toBe(202);
      worker.fulfilment.fail(id, 'no');
      await scene.reaches(id, 'CANCELLED');
      expect(await scene.pathOf(id)).toEqual(['PENDING', 'PROCESSING', 'CANCELLED']);
    });

    it('comes after the work that was through before it was heard', async () => {
      const [asked, worker, id] = await startTwo(NEVER_MS);
      expect((await cancel(asked, id)).status).toBe(202);
      worker.fulfilment.complete(id);
      await scene.reaches(id, 'COMPLETED');
      expectProblem(await cancel(asked, id), 409, 'cancel_too_late');
    });

    it('outlives the death of that node', async () => {
      const node = await scene.start({ settings: { recoveryIntervalMs: NEVER_MS } });
      await node.get(RecoveryService).recover();
      const id = await insertOne({
        status: `'PROCESSING'`,
        claimed_by: `'${DEAD_NODE}'`,
        started_at: 'now()',
        attempt: '1',
      });
      expect((await cancel(node, id)).status).toBe(202);
      expect(await node.get(RecoveryService).recover()).toMatchObject({ rescued: 1, failed: 0 });
      expect(await scene.pathOf(id)).toEqual(['PROCESSING', 'CANCELLED']);
    });
  });

  it('racing completion, tells the caller the truth', async () => {
    const node = await scene.start({ settings: { workerCount: 8 } });
    node.fulfilment.behaviour = (_, signal) => sleep(Math.random() * 8, undefined, { signal });
    const told = new Set<number>();
    for (let round = 0; round < 25; round += 1) {
      const ids = await Promise.all(Array.from({ length: 8 }, () => createOrder(node)));
      await Promise.all(
        ids.map(async (id) => {
          await sleep(Math.random() * 12);
          const answer = await cancel(node, id);
          told.add(answer.status);
          await expectFate(id, answer);
        }),
      );
    }
    // The race was run: it has been won and lost.
    expect(told.has(409)).toBe(true);
    expect(told.size).toBeGreaterThan(1);
    await scene.expectCountersExact();
  });

  it('racing an operator who retries, never gets stuck', async () => {
    const node = await scene.start();
    node.fulfilment.behaviour = (_, signal) => sleep(Math.random() * 5, undefined, { signal });
    for (let round = 0; round < 30; round += 1) {
      const id = await insertOne({ status: `'FAILED'`, finished_at: 'now()', attempt: '5' });
      const [retried, cancelled] = await Promise.all([retry(node, id), cancel(node, id)]);
      expect(retried.status).toBe(200);
      await expectFate(id, cancelled);
    }
    await scene.expectCountersExact();
  });

  it('racing the rescue, never gets stuck', async () => {
    const node = await scene.start({ settings: { recoveryIntervalMs: NEVER_MS } });
    await node.get(RecoveryService).recover();
    node.fulfilment.behaviour = (_, signal) => sleep(Math.random() * 5, undefined, { signal });
    for (let round = 0; round < 30; round += 1) {
      const id = await insertOne({
        status: `'PROCESSING'`,
        claimed_by: `'${DEAD_NODE}'`,
        started_at: 'now()',
        attempt: '1',
      });
      const [, cancelled] = await Promise.all([
        node.get(RecoveryService).recover(),
        cancel(node, id),
      ]);
      // Skipped by the rescue while the cancel held the row: the next sweep has it.
      await node.get(RecoveryService).recover();
      await expectFate(id, cancelled);
    }
    await scene.expectCountersExact();
  });
});
