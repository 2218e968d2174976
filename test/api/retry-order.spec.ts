import { expectProblem, pointersOf } from '../support/problem';
import { call, createOrder, Scene, type TestNode } from '../support/service';

const retry = (node: TestNode, id: number | string) =>
  call(`${node.url}/order/retry_order/${id}`, { method: 'POST' });

describe('retry_order', () => {
  const scene = new Scene();

  it('gives a failed order all its attempts again', async () => {
    const node = await scene.start({ settings: { maxAttempts: 2 } });
    let failing = true;
    node.fulfilment.behaviour = () =>
      failing ? Promise.reject(new Error('no')) : Promise.resolve();
    const id = await createOrder(node);
    await scene.reaches(id, 'FAILED');
    const used = () => node.fulfilment.started.length;
    expect(used()).toBe(2);

    const answer = await retry(node, id);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ order_id: id, last_error: 'no' });
    await scene.reaches(id, 'FAILED');
    expect(used()).toBe(4);

    failing = false;
    expect((await retry(node, id)).status).toBe(200);
    await scene.reaches(id, 'COMPLETED');
    expect(used()).toBe(5);
    const attempt = ['PENDING', 'PROCESSING'];
    expect(await scene.pathOf(id)).toEqual([
      ...attempt,
      ...attempt,
      'FAILED',
      ...attempt,
      ...attempt,
      'FAILED',
      ...attempt,
      'COMPLETED',
    ]);
    await scene.expectCountersExact();
  });

  it('shows the order as it waits again', async () => {
    const node = await scene.start({ held: true, settings: { workerCount: 1 } });
    await node.fulfilment.holds(await createOrder(node));
    const [id = 0] = await scene.insertOrders(1, {
      status: `'FAILED'`,
      finished_at: 'now()',
      started_at: 'now()',
      attempt: '5',
      last_error: `'no'`,
    });
    expect((await retry(node, id)).body).toMatchObject({
      status: 'PENDING',
      attempt: 5,
      started_at: null,
      finished_at: null,
      last_error: 'no',
    });
  });

  it('lets one of many operators retry', async () => {
    const node = await scene.start({ held: true });
    const [id = 0] = await scene.insertOrders(1, { status: `'FAILED'`, finished_at: 'now()' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => retry(node, id)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    await node.fulfilment.holds(id);
    expect(node.fulfilment.started).toHaveLength(1);
  });

  it('has nothing to do for an order that has not failed', async () => {
    const node = await scene.start({ held: true });
    const working = await createOrder(node);
    await node.fulfilment.holds(working);
    const [waiting = 0] = await scene.insertOrders(1, {
      next_attempt_at: `now() + interval '1 hour'`,
    });
    const [cancelled = 0] = await scene.insertOrders(1, {
      status: `'CANCELLED'`,
      finished_at: 'now()',
    });
    for (const id of [2, working, waiting, cancelled]) {
      const path = await scene.pathOf(id);
      expectProblem(await retry(node, id), 409, 'not_failed');
      expect(await scene.pathOf(id)).toEqual(path);
    }
  });

  it('knows no order that is not there', async () => {
    const node = await scene.start();
    expectProblem(await retry(node, 999), 404, 'order_not_found');
    expect(pointersOf(await retry(node, '0'))).toEqual(['/order_id']);
  });
});
