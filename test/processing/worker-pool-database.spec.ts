import { Logger } from '@nestjs/common';
import { WorkerPool } from '../../src/processing/workers/worker-pool.service';
import { Caller } from '../support/caller';
import { createOrder, Scene } from '../support/service';
import { until } from '../support/until';

/** Lost answers are noticed after 600 ms rather than after half a minute. */
const IMPATIENT = {
  databaseConnectTimeoutMs: 100,
  databaseStatementTimeoutMs: 200,
  heartbeatIntervalMs: 200,
  leaseMs: 600,
};

describe('the worker loops, when the database fails them', () => {
  const scene = new Scene();

  /** From here on every settle of the order fails. */
  async function forbidSettling(id: number): Promise<void> {
    await scene.sql(`
      CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the disk is on fire'; END $$`);
    await scene.sql(`
      CREATE TRIGGER forbid BEFORE UPDATE ON orders FOR EACH ROW
      WHEN (OLD.id = ${id} AND NEW.status = 'COMPLETED') EXECUTE FUNCTION forbid()`);
  }

  it('try a failed settle again, and leave its neighbours unharmed', async () => {
    const node = await scene.start({ held: true, settings: { workerCount: 3 } });
    const ids = await Promise.all(Array.from({ length: 3 }, () => createOrder(node)));
    for (const id of ids) await node.fulfilment.holds(id);
    const [bad = 0, ...good] = ids;
    await forbidSettling(bad);
    const warn = jest.spyOn(Logger.prototype, 'warn');
    // All at once, so that they share a statement.
    node.fulfilment.completeAll();
    for (const id of good) await scene.reaches(id, 'COMPLETED');
    const failures = () =>
      warn.mock.calls.flatMap(([line]) => {
        const found = /Settle failed: order (\d+)/.exec(String(line));
        return found ? [Number(found[1])] : [];
      });
    await until('the failed settle is logged', () => failures().length > 0);
    expect(new Set(failures())).toEqual(new Set([bad]));
    expect(await scene.statusOf(bad)).toBe('PROCESSING');
    await scene.sql('DROP TRIGGER forbid ON orders');
    await scene.reaches(bad, 'COMPLETED');
    expect(node.fulfilment.started.filter(({ orderId }) => orderId === bad)).toHaveLength(1);
  });

  it('go on with other orders while one cannot be settled', async () => {
    const node = await scene.start({ held: true, settings: { workerCount: 1 } });
    const bad = await createOrder(node);
    await node.fulfilment.holds(bad);
    await forbidSettling(bad);
    node.fulfilment.behaviour = () => Promise.resolve();
    node.fulfilment.complete(bad);
    const others = await Promise.all(Array.from({ length: 5 }, () => createOrder(node)));
    for (const id of others) await scene.reaches(id, 'COMPLETED');
    expect(await scene.statusOf(bad)).toBe('PROCESSING');
    expect(node.get(WorkerPool).busy).toBe(1);
    await scene.sql('DROP TRIGGER forbid ON orders');
    await scene.reaches(bad, 'COMPLETED');
  });

  it('complete all that was accepted once, though their connections are cut again and again', async () => {
    const node = await scene.start({ settings: { ...IMPATIENT, workerCount: 20 } });
    node.fulfilment.behaviour = () => new Promise((resolve) => setTimeout(resolve, 5));
    const callers = Array.from({ length: 4 }, () => new Caller(() => node.url));
    const count = () => callers.reduce((sum, { accepted }) => sum + accepted.length, 0);
    for (let round = 1; round <= 15; round += 1) {
      const sofar = count();
      await until('orders are accepted again', () => count() > sofar);
      await scene.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'order-service'`,
      );
    }
    const accepted = (await Promise.all(callers.map((caller) => caller.stop()))).flat();
    for (const status of callers.flatMap(({ statuses }) => [...statuses]))
      expect([201, 503]).toContain(status);
    // Also those whose callers have not heard of it: they were committed, and their answer was lost.
    await until('no order is open', async () => {
      const open = `SELECT FROM orders WHERE status <> 'COMPLETED' LIMIT 1`;
      return (await scene.sql(open)).length === 0;
    });
    const odd = await scene.sql(
      `SELECT order_id FROM order_events WHERE to_status = 'COMPLETED' AND order_id > 5
       GROUP BY order_id HAVING count(*) <> 1 OR bool_or(from_status <> 'PROCESSING')`,
    );
    expect(odd).toEqual([]);
    const [kept] = await scene.sql<{ count: number }>(
      'SELECT count(*)::int AS count FROM orders WHERE id = ANY($1)',
      [accepted],
    );
    expect(kept?.count).toBe(new Set(accepted).size);
    expect(accepted.length).toBe(new Set(accepted).size);
    await scene.expectCountersExact();
  });
});
