import { bringBack, takeAway } from '../support/outage';
import { expectProblem } from '../support/problem';
import { call, createOrder, ORDER, Scene } from '../support/service';
import { until } from '../support/until';

describe('without its database', () => {
  const scene = new Scene();

  it('says 503 while the database is away, and works again by itself', async () => {
    const node = await scene.start({ held: true });
    const inFlight = await createOrder(node);
    await node.fulfilment.holds(inFlight);
    const create = () => call(`${node.url}/order/create_order`, { body: ORDER });
    const get = () => call(`${node.url}/order/get_order/${inFlight}`);
    await takeAway(scene.databaseUrl);
    for (const answer of [await create(), await get()]) {
      expectProblem(answer, 503, 'database_unavailable');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    // Its worker has to settle against a database that is away.
    node.fulfilment.behaviour = () => Promise.resolve();
    node.fulfilment.complete(inFlight);
    expectProblem(await create(), 503, 'database_unavailable');
    await bringBack(scene.databaseUrl);
    await until('orders are accepted', async () => (await create()).status === 201);
    await scene.reaches(inFlight, 'COMPLETED');
    expect(await scene.pathOf(inFlight)).toEqual(['PENDING', 'PROCESSING', 'COMPLETED']);
    await until('all others are processed', async () => {
      const open = await scene.sql(`SELECT FROM orders WHERE status <> 'COMPLETED'`);
      return open.length === 0;
    });
    await scene.reaches(await createOrder(node), 'COMPLETED');
  });
});
