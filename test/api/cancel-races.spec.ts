import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderStatus } from '../../src/common/order-status';
import { TRANSITIONS } from '../../src/orders/order-status';
import { RecoveryService } from '../../src/processing/recovery.service';
import { call, createOrder, Scene, type TestNode } from '../support/service';
import { until } from '../support/until';

const DEAD_NODE = '00000000-0000-4000-8000-00000000dead';

type Answer = Awaited<ReturnType<typeof call>>;

const cancel = (node: TestNode, id: number) =>
  call(`${node.url}/order/cancel_order/${id}`, { method: 'POST' });

const retry = (node: TestNode, id: number) =>
  call(`${node.url}/order/retry_order/${id}`, { method: 'POST' });

/** What may become of an order, by what the caller of cancel was told. */
const FATES: Readonly<Record<number, readonly string[]>> = {
  200: ['CANCELLED'],
  202: ['CANCELLED', 'COMPLETED'],
  409: ['COMPLETED'],
};

describe('cancel_order in a race', () => {
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

  it('with completion, tells the caller the truth', async () => {
    const node = await scene.start({ settings: { workerCount: 8 } });
    node.fulfilment.behaviour = (_, signal) => sleep(Math.random() * 8, undefined, { signal });
    const told = new Set<number>();
    for (let round = 0; round < 25; round += 1) {
      const ids = await Promise.all(Array.from({ length: 8 }, () => createOrder(node)));
      const answers = await Promise.all(
        ids.map(async (id) => {
          await sleep(Math.random() * 12);
          return { id, answer: await cancel(node, id) };
        }),
      );
      for (const { id, answer } of answers) {
        told.add(answer.status);
        await expectFate(id, answer);
      }
    }
    // The race was run: it has been won and lost.
    expect(told.has(409)).toBe(true);
    expect(told.size).toBeGreaterThan(1);
    await scene.expectCountersExact();
  });

  it('with an operator who retries, never gets stuck', async () => {
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

  it('with the rescue, never gets stuck', async () => {
    const node = await scene.start();
    // Waits for the first sweep, too: from here on only the test sweeps.
    await node.get(RecoveryService).onModuleDestroy();
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
