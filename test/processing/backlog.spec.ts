import { createDatabase } from '../support/database';
import { ProcessScene, sql } from '../support/process-scene';
import type { ServiceProcess } from '../support/service-process';
import { until } from '../support/until';

const BACKLOG = 1_000_000;

/** Garbage that waits for its collection makes tens of megabytes; a million rows in memory would make hundreds. */
const GENEROUS_MEGABYTES = 100;

describe('a backlog of a million orders', () => {
  const scene = new ProcessScene();

  /** Inserted in steps, so that no statement gathers a million rows for the triggers. */
  async function fill(databaseUrl: string, orders: number): Promise<void> {
    const step = 100_000;
    for (let left = orders; left > 0; left -= step) {
      await sql(
        databaseUrl,
        `INSERT INTO orders (user_id, item_ids, item_prices, total_amount)
         SELECT 2, '{12,3}', '{37,18}', 55 FROM generate_series(1, $1::integer)`,
        [Math.min(left, step)],
      );
    }
  }

  /** Works off a thousand orders, and returns the most memory that it took. */
  async function peakOf(databaseUrl: string): Promise<number> {
    const service = scene.launch({ DATABASE_URL: databaseUrl, WORKER_COUNT: '20' });
    await service.url();
    const before = await completed(databaseUrl);
    // Right after a million rows were inserted, vacuum and checkpoint share the disk with the service.
    await until(
      'a thousand orders are processed',
      async () => (await completed(databaseUrl)) >= before + 1_000,
      240_000,
    );
    const peak = await service.peakMegabytes();
    await stop(service);
    return peak;
  }

  it('is processed from the start, at no cost in memory', async () => {
    const database = await createDatabase();
    try {
      await fill(database.url, 1_000);
      const without = await peakOf(database.url);
      await fill(database.url, BACKLOG);
      const beyond = await peakOf(database.url);
      expect(beyond - without).toBeLessThan(GENEROUS_MEGABYTES);
    } finally {
      await database.drop();
    }
  }, 600_000);
});

async function completed(databaseUrl: string): Promise<number> {
  const [row] = await sql<{ completed: number }>(
    databaseUrl,
    'SELECT sum(completed)::int AS completed FROM order_status_counters',
  );
  return row?.completed ?? 0;
}

async function stop(service: ServiceProcess): Promise<void> {
  expect(await service.stop()).toEqual({ code: 0, signal: null });
}
