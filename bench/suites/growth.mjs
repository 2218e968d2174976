import { get } from '../lib/http-connection.mjs';
import { CREATE_ORDER, load } from '../lib/load.mjs';
import { insertCompleted } from '../lib/orders.mjs';
import { startService, stop } from '../lib/processes.mjs';

const CONNECTIONS = 16;
const FEW = 1_000;
const MANY = 10_000_000;
const MANY_QUICK = 200_000;

/** The same calls with few orders and with very many in the table. */
export async function growth(bench) {
  const many = bench.quick ? MANY_QUICK : MANY;
  const sides = { few: await openSide(bench, FEW), many: await openSide(bench, many) };
  try {
    for (const [name, call] of Object.entries(CALLS)) {
      const measure = (side) => measureCall(sides[side], call, bench.quick);
      for (const side of Object.keys(sides)) await measure(side);
      console.log(`  ${name}`);
      const perSecond = await bench.interleave(Object.keys(sides), measure);
      report(bench.results, name, many, perSecond);
    }
  } finally {
    for (const { service, database } of Object.values(sides)) {
      await stop(service.child);
      await database.drop();
    }
  }
}

/** Each returns the bytes of one request; its parameter is the number of orders in the table. */
const CALLS = {
  create: { next: () => () => CREATE_ORDER, expect: 201, count: 5_000 },
  get: {
    next: (orders) => () => get(`/order/get_order/${1 + Math.floor(Math.random() * orders)}`),
    expect: 200,
    count: 5_000,
  },
  'list, newest': {
    next: () => sameBytes('/order/list_orders?limit=20'),
    expect: 200,
    count: 2_000,
  },
  'list, of a user and a status': {
    next: () => sameBytes('/order/list_orders?limit=20&user_id=3&status=COMPLETED'),
    expect: 200,
    count: 2_000,
  },
  metrics: { next: () => sameBytes('/metrics'), expect: 200, count: 3_000 },
};

function sameBytes(path) {
  const bytes = get(path);
  return () => bytes;
}

async function openSide({ postgres }, orders) {
  console.log(`  inserting ${orders.toLocaleString('en-US')} orders`);
  const database = await postgres.createServiceDatabase();
  await insertCompleted(database, orders);
  await database.settle();
  return { database, orders, service: await startService(database.url) };
}

async function measureCall({ service, orders }, { next, expect, count }, quick) {
  const { perSecond } = await load({
    url: service.url,
    connections: CONNECTIONS,
    next: next(orders),
    expect,
    count: quick ? count / 5 : count,
  });
  return perSecond;
}

function report(results, name, many, perSecond) {
  const label = (orders) => `${name} with ${orders.toLocaleString('en-US')} orders`;
  results.add(label(FEW), 'requests/s', perSecond.few);
  results.add(label(many), 'requests/s', perSecond.many);
  const target = { is: 'at most', than: 1.2 };
  results.addRatio(`${name}: time per request, many / few`, perSecond.few, perSecond.many, target);
}
