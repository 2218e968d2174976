import { RecoveryService } from '../../src/processing/recovery.service';
import { expectProblem, pointersOf } from '../support/problem';
import { call, createOrder, Scene, type TestNode } from '../support/service';

const DEAD_NODE = '00000000-0000-4000-8000-00000000dead';
const NEVER_MS = 3_600_000;

const cancel = (node: TestNode, id: number | string) =>
  call(`${node.url}/order/cancel_order/${id}`, { method: 'POST' });

/** Without heartbeats a node does not learn what was requested at another one. */
const NO_HEARTBEAT = { heartbeatIntervalMs: NEVER_MS, leaseMs: 3 * NEVER_MS };

describe('cancel_order', () => {
  const scene = new Scene();

  async function insertOne(columns: Record<string, string>): Promise<number> {
    const [id = 0] = await scene.insertOrders(1, columns);
    return id;
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

  it('cancels an order that is in the queue, which is not processed then', async () => {
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

  it('stops the work on an order at once, and cancels it', async () => {
    const node = await scene.start({ held: true, settings: NO_HEARTBEAT });
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
    async function startTwo(more: object = {}): Promise<[TestNode, TestNode, number]> {
      const settings = { recoveryIntervalMs: NEVER_MS, ...more };
      const worker = await scene.start({ held: true, settings });
      const id = await createOrder(worker);
      await worker.fulfilment.holds(id);
      return [await scene.start({ held: true, settings }), worker, id];
    }

    it('is heard by the heartbeat', async () => {
      const [asked, worker, id] = await startTwo();
      expect((await cancel(asked, id)).status).toBe(202);
      await scene.reaches(id, 'CANCELLED');
      expect(worker.fulfilment.held).toEqual([]);
    });

    it('comes before another attempt', async () => {
      const [asked, worker, id] = await startTwo(NO_HEARTBEAT);
      expect((await cancel(asked, id)).status).toBe(202);
      worker.fulfilment.fail(id, 'no');
      await scene.reaches(id, 'CANCELLED');
      expect(await scene.pathOf(id)).toEqual(['PENDING', 'PROCESSING', 'CANCELLED']);
    });

    it('comes after the work that was through before it was heard', async () => {
      const [asked, worker, id] = await startTwo(NO_HEARTBEAT);
      expect((await cancel(asked, id)).status).toBe(202);
      worker.fulfilment.complete(id);
      await scene.reaches(id, 'COMPLETED');
      expectProblem(await cancel(asked, id), 409, 'cancel_too_late');
    });

    it('outlives the death of that node', async () => {
      const node = await scene.start();
      // Waits for the first sweep, too: from here on only the test sweeps.
      await node.get(RecoveryService).onModuleDestroy();
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
});
