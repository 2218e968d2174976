import { Logger } from '@nestjs/common';
import { NodeRegistry } from '../../src/processing/claims/node-registry';
import { RecoveryService } from '../../src/processing/recovery.service';
import { Settler } from '../../src/processing/workers/settler';
import { WorkerPool } from '../../src/processing/workers/worker-pool.service';
import { sql } from '../support/process-scene';
import { HOUR_MS, RecoveryScene } from '../support/recovery-scene';
import { createOrder } from '../support/service';
import { until } from '../support/until';

describe('recovery', () => {
  const scene = new RecoveryScene();

  async function rowOf(id: number): Promise<Record<string, unknown> | undefined> {
    const [row] = await scene.sql('SELECT status, attempt, last_error FROM orders WHERE id = $1', [
      id,
    ]);
    return row;
  }

  it('knows three ages: untouched, rescued, and failed for good', async () => {
    const node = await scene.startQuiet({ held: true });
    await scene.lastBeat('0 seconds');
    const young = await scene.insertClaimed('9 minutes');
    const old = await scene.insertClaimed('11 minutes');
    const spent = await scene.insertClaimed('11 minutes', { attempt: '5' });
    const released = await scene.insertClaimed('11 minutes', { attempt: '5', free_attempts: '1' });

    const counts = await node.get(RecoveryService).recover();

    expect(counts).toEqual({ rescued: 3, failed: 1, released: 0, fed: 2 });
    expect(await rowOf(young)).toMatchObject({ status: 'PROCESSING', attempt: 1 });
    for (const id of [old, released]) await node.fulfilment.holds(id);
    const reason = 'attempt 5: claim expired';
    expect(await rowOf(spent)).toEqual({ status: 'FAILED', attempt: 5, last_error: reason });
    expect(await scene.pathOf(spent)).toEqual(['PROCESSING', 'FAILED']);
    await scene.expectCountersExact();
  });

  it('takes the claims of a dead node after its lease, not before', async () => {
    const node = await scene.startQuiet();
    const recovery = node.get(RecoveryService);
    const id = await scene.insertClaimed('1 minute');
    await scene.lastBeat('29 seconds');
    expect(await recovery.recover()).toMatchObject({ rescued: 0 });
    await scene.lastBeat('31 seconds');
    expect(await recovery.recover()).toMatchObject({ rescued: 1, fed: 1 });
    await scene.reaches(id, 'COMPLETED');
    expect(await rowOf(id)).toMatchObject({
      attempt: 2,
      last_error: 'attempt 1: worker node lost',
    });
  });

  it('cancels a rescued order for which a cancel was asked', async () => {
    const node = await scene.startQuiet();
    const id = await scene.insertClaimed('1 minute', { cancel_requested_at: 'now()' });
    await node.get(RecoveryService).recover();
    expect(await scene.statusOf(id)).toBe('CANCELLED');
  });

  it('takes also its own claims when they are too old, and ends their work', async () => {
    // The heartbeat must not find it first.
    const settings = { workerCount: 1, heartbeatIntervalMs: HOUR_MS, leaseMs: 3 * HOUR_MS };
    const node = await scene.startQuiet({ held: true, settings });
    const id = await createOrder(node);
    const claim = await node.fulfilment.holds(id);
    await scene.makeStale(id);
    expect(await node.get(RecoveryService).recover()).toMatchObject({ rescued: 1 });
    // The one loop is free again, without a word from the work.
    await until('the next attempt has started', () => node.fulfilment.started.length === 2);
    expect(node.fulfilment.held).toEqual([{ ...claim, attempt: 2 }]);
    node.fulfilment.complete(id);
    await scene.reaches(id, 'COMPLETED');
    expect(node.get(Settler).lostClaims).toBe(0);
  });

  it('tells the work on another node through its heartbeat', async () => {
    const node = await scene.start({ held: true });
    const id = await createOrder(node);
    await node.fulfilment.holds(id);
    await node.get(RecoveryService).onModuleDestroy();
    const other = await scene.startQuiet({ held: true });
    await scene.makeStale(id);
    await other.get(RecoveryService).recover();
    await other.fulfilment.holds(id);
    await until('the first node has let go', () => node.get(WorkerPool).busy === 0);
    expect(await rowOf(id)).toMatchObject({ status: 'PROCESSING', attempt: 2 });
  });

  describe('after an outage longer than the lease', () => {
    /** No heartbeat but those that a sweep sends. */
    const QUIET = { heartbeatIntervalMs: HOUR_MS };

    it('does not take its own claims for lost', async () => {
      const node = await scene.startQuiet({ held: true, settings: QUIET });
      const id = await createOrder(node);
      await node.fulfilment.holds(id);
      await scene.sql(`UPDATE processing_nodes SET heartbeat_at = now() - interval '1 hour'`);
      expect(await node.get(RecoveryService).recover()).toMatchObject({ rescued: 0, released: 0 });
      node.fulfilment.complete(id);
      await scene.reaches(id, 'COMPLETED');
      expect(node.fulfilment.started).toHaveLength(1);
    });

    it('gives other nodes the time of a lease before it takes them for lost', async () => {
      const leaseMs = 1_000;
      const node = await scene.startQuiet({ held: true, settings: { ...QUIET, leaseMs } });
      const id = await scene.insertClaimed('1 minute');
      await scene.lastBeat('1 hour');
      const startedAt = performance.now();
      await until('half a lease has passed without a heartbeat', () => {
        return performance.now() - startedAt > leaseMs / 2;
      });
      expect(await node.get(RecoveryService).recover()).toMatchObject({ rescued: 0 });
      expect(await scene.statusOf(id)).toBe('PROCESSING');
      await until('it is rescued', async () => {
        const { rescued } = await node.get(RecoveryService).recover();
        return rescued === 1;
      });
    });

    it('rescues at once the claims of a node that has no row', async () => {
      const leaseMs = 1_000;
      const node = await scene.startQuiet({ held: true, settings: { ...QUIET, leaseMs } });
      await scene.insertClaimed('1 minute');
      const startedAt = performance.now();
      await until('half a lease has passed without a heartbeat', () => {
        return performance.now() - startedAt > leaseMs / 2;
      });
      expect(await node.get(RecoveryService).recover()).toMatchObject({ rescued: 1 });
    });
  });

  it('logs only when it has done something', async () => {
    const node = await scene.startQuiet();
    const log = jest.spyOn(Logger.prototype, 'log');
    expect(await node.get(RecoveryService).recover()).toEqual({
      rescued: 0,
      failed: 0,
      released: 0,
      fed: 0,
    });
    expect(log).not.toHaveBeenCalled();
    await scene.insertClaimed('1 minute');
    await node.get(RecoveryService).recover();
    expect(log.mock.calls).toEqual([
      ['Recovery: 1 claims rescued (0 of their orders FAILED), 0 claims released'],
    ]);
    jest.restoreAllMocks();
  });

  it('ends an order that kills its worker each time, while the others go on', async () => {
    const killer = await scene.insertClaimed('1 minute');
    // Its next worker node claims it and is lost before the sweep ends.
    await scene.sql(`
      CREATE FUNCTION claim_and_die() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        UPDATE orders SET status = 'PROCESSING', attempt = attempt + 1, started_at = now(),
          claimed_by = gen_random_uuid() WHERE id = ${killer} AND status = 'PENDING';
        RETURN NULL;
      END $$`);
    await scene.sql(`
      CREATE TRIGGER zz_claim_and_die AFTER UPDATE ON orders FOR EACH ROW
      WHEN (NEW.id = ${killer} AND NEW.status = 'PENDING') EXECUTE FUNCTION claim_and_die()`);
    const node = await scene.startQuiet({ settings: { maxAttempts: 3 } });
    await until('its attempts are used up', async () => {
      await scene.reaches(await createOrder(node), 'COMPLETED');
      await node.get(RecoveryService).recover();
      return (await scene.statusOf(killer)) === 'FAILED';
    });
    expect(await rowOf(killer)).toEqual({
      status: 'FAILED',
      attempt: 3,
      last_error: 'attempt 3: worker node lost',
    });
  });

  describe('after a start', () => {
    it('processes at once what is PENDING', async () => {
      const [id = 0] = await scene.insertOrders(1);
      await scene.start({ settings: { recoveryIntervalMs: HOUR_MS } });
      await scene.reaches(id, 'COMPLETED');
    });

    it('takes claims over at once where no other node can be alive', async () => {
      const id = await scene.insertClaimed('1 second');
      await scene.lastBeat('0 seconds');
      await scene.start({ soleNode: true, settings: { recoveryIntervalMs: HOUR_MS } });
      await scene.reaches(id, 'COMPLETED');
    });

    it('sweeps only once it has forgotten the other nodes, however long that takes', async () => {
      const id = await scene.insertClaimed('1 second');
      await scene.lastBeat('0 seconds');
      await scene.sql('BEGIN');
      await scene.sql('SELECT FROM processing_nodes FOR UPDATE');
      const starting = scene.start({
        soleNode: true,
        settings: { recoveryIntervalMs: HOUR_MS },
      });
      await until('the start waits for the row of the other node', async () => {
        const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database()
                         AND wait_event_type = 'Lock' AND query LIKE '%processing_nodes%'`;
        return (await sql(scene.databaseUrl, waiting)).length > 0;
      });
      // Time for several ticks.
      await scene.sql('SELECT pg_sleep(0.5)');
      await scene.sql('ROLLBACK');
      await starting;
      await scene.reaches(id, 'COMPLETED');
    });

    it('leaves claims to a node that may be alive until its lease is over', async () => {
      const id = await scene.insertClaimed('1 second');
      await scene.lastBeat('0 seconds');
      const node = await scene.startQuiet();
      expect(await scene.statusOf(id)).toBe('PROCESSING');
      await scene.lastBeat('31 seconds');
      await node.get(RecoveryService).recover();
      await scene.reaches(id, 'COMPLETED');
    });
  });

  it.each([1, -1])('goes by the clock of the database, %s hour off or not', async (hours) => {
    const real = Date.now.bind(Date);
    jest.spyOn(Date, 'now').mockImplementation(() => real() + hours * HOUR_MS);
    const node = await scene.startQuiet({ held: true });
    const alive = await createOrder(node);
    await node.fulfilment.holds(alive);
    const dead = await scene.insertClaimed('1 minute');
    await scene.lastBeat('31 seconds');
    expect(await node.get(RecoveryService).recover()).toMatchObject({ rescued: 1, released: 0 });
    await node.fulfilment.holds(dead);
    node.fulfilment.completeAll();
    for (const id of [alive, dead]) await scene.reaches(id, 'COMPLETED');
    const [off] = await scene.sql(
      `SELECT FROM orders WHERE id = ANY($1) AND greatest(finished_at, started_at) > now()
       UNION ALL SELECT FROM processing_nodes WHERE id = $2 AND heartbeat_at NOT BETWEEN now() - interval '1 minute' AND now()`,
      [[alive, dead], node.get(NodeRegistry).id],
    );
    expect(off).toBeUndefined();
    jest.restoreAllMocks();
  });
});
