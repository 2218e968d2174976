import { CREATE_ORDER, load } from '../lib/load.mjs';
import { inBench } from '../lib/paths.mjs';
import { startApplication, startService, stop } from '../lib/processes.mjs';
import { percentile } from '../lib/statistics.mjs';

const CONNECTIONS = 64;

/** Many short rounds, since the speed of a shared machine changes within seconds. */
const LOADS = { rounds: 21, warmUpMs: 4_000, roundMs: 2_000 };
const QUICK_LOADS = { rounds: 2, warmUpMs: 1_000, roundMs: 1_500 };

/** Accepted orders a second, compared with servers that do less for the same request or handle it differently. */
export async function accept(bench) {
  const database = await bench.postgres.createServiceDatabase();
  const plain = await bench.postgres.createPlainDatabase();
  const { before } = bench;
  const beforeDatabase = before && (await bench.postgres.createServiceDatabase(before));
  const contenders = {
    ours: await startService(database.url),
    ...(before && { before: await startService(beforeDatabase.url, {}, before.main) }),
    stock: await startApplication(inBench('dist/nest-stock.js')),
    save: await startApplication(inBench('dist/nest-typeorm.js'), plain.url),
    bare: await startApplication(inBench('apps/bare-http.mjs')),
  };
  try {
    const answered = { ours: await countOrders(database), stock: 0, save: 0, bare: 0 };
    if (before) answered.before = await countOrders(beforeDatabase);
    const { rounds, warmUpMs, roundMs } = bench.quick ? QUICK_LOADS : LOADS;
    const names = Object.keys(contenders);
    for (const name of names) await drive(name, warmUpMs);
    const measured = await bench.interleave(names, (name) => drive(name, roundMs), rounds);
    await checkKept(database, answered.ours);
    await checkKept(plain, answered.save);
    if (before) await checkKept(beforeDatabase, answered.before);
    report(bench.results, measured, before);

    async function drive(name, forMs) {
      const { url } = contenders[name];
      const create = { next: () => CREATE_ORDER, expect: 201 };
      const result = await load({ url, connections: CONNECTIONS, forMs, ...create });
      answered[name] += result.count;
      return { perSecond: result.perSecond, p99: percentile(result.latenciesMs, 0.99) };
    }
  } finally {
    await Promise.all(Object.values(contenders).map(({ child }) => stop(child)));
    await database.drop();
    await plain.drop();
    await beforeDatabase?.drop();
  }
}

/** Checks that every 201 has its row: the rate of a server that loses orders does not count. */
async function checkKept(database, answered) {
  const kept = await countOrders(database);
  if (kept !== answered)
    throw new Error(`${answered} orders were accepted, but ${kept} are in the table`);
}

async function countOrders(database) {
  const [{ count }] = await database.query('SELECT count(*)::int FROM orders');
  return count;
}

function report(results, rounds, before) {
  const speed = (name) => rounds[name].map(({ perSecond }) => perSecond);
  const add = (figure, name) => results.add(figure, 'requests/s', speed(name));
  add('ours, everything on', 'ours');
  add('stock NestJS on Express, no database', 'stock');
  add('the same with repository.save', 'save');
  add('bare node:http, no database', 'bare');
  results.add(
    'ours, p99',
    'ms',
    rounds.ours.map(({ p99 }) => p99),
  );
  const ratio = (figure, name, than) =>
    results.addRatio(figure, speed('ours'), speed(name), { is: 'at least', than });
  ratio('ours / stock NestJS', 'stock', 3);
  ratio('ours / repository.save', 'save', 8);
  ratio('ours / bare node:http', 'bare', 0.38);
  if (!before) return;
  add(`commit ${before.hash}`, 'before');
  results.addRatio(`ours / commit ${before.hash}`, speed('ours'), speed('before'));
}
