import { Client } from 'pg';
import { ClaimsRepository } from '../../src/processing/claims/claims.repository';
import { NodeRegistry } from '../../src/processing/claims/node-registry';
import { Heartbeat } from '../../src/processing/workers/heartbeat';
import { RecoveryService } from '../../src/processing/recovery.service';
import { RecoveryScene } from '../support/recovery-scene';
import { onTestEnd } from '../support/running-test';
import { createOrder, type TestNode } from '../support/service';
import { until } from '../support/until';

describe('recovery, beside others', () => {
  let other: Client;
  // Ahead of the scene's own, which waits for all locks and then drops the database.
  afterEach(async () => {
    await other.query('ROLLBACK');
    await other.end();
  });

  const scene = new RecoveryScene();
  beforeEach(async () => {
    other = new Client({ connectionString: scene.databaseUrl });
    await other.connect();
  });

  /** A node whose claim on an order has become too old, while its work goes on. */
  async function startStale(): Promise<{ node: TestNode; id: number }> {
    const node = await scene.startQuiet({ held: true, settings: { workerCount: 1 } });
    const id = await createOrder(node);
    await node.fulfilment.holds(id);
    await scene.makeStale(id);
    return { node, id };
  }

  async function untilWaitingForLock(): Promise<void> {
    await until('a statement of the sweep waits for a lock', async () => {
      const waiting = await scene.sql(
        `SELECT FROM pg_stat_activity WHERE datname = current_database()
         AND application_name = 'order-service' AND wait_event_type = 'Lock'
         AND query LIKE '%processing_nodes%'`,
      );
      return waiting.length > 0;
    });
  }

  it('lets the finisher win who holds the row', async () => {
    const { node, id } = await startStale();
    await other.query('BEGIN');
    await other.query(
      `UPDATE orders SET status = 'COMPLETED', claimed_by = NULL, finished_at = now() WHERE id = $1`,
      [id],
    );
    // It does not wait for the row either.
    expect(await node.get(RecoveryService).recover()).toMatchObject({ rescued: 0 });
    await other.query('COMMIT');
    expect(await scene.pathOf(id)).toEqual(['PENDING', 'PROCESSING', 'COMPLETED']);
  });

  it('lets the sweeper win who holds the row', async () => {
    const { node, id } = await startStale();
    const claim = await node.fulfilment.holds(id);
    await other.query('BEGIN');
    await other.query(
      `UPDATE orders SET status = 'PENDING', claimed_by = NULL, started_at = NULL,
         next_attempt_at = now() + interval '1 hour' WHERE id = $1`,
      [id],
    );
    const claims = node.get(ClaimsRepository);
    expect(await claims.settle(claim, { status: 'COMPLETED' })).toBe('locked');
    await other.query('COMMIT');
    expect(await claims.settle(claim, { status: 'COMPLETED' })).toBe('lost');
    expect(await scene.pathOf(id)).toEqual(['PENDING', 'PROCESSING', 'PENDING']);
  });

  it('rescues once, though many sweep at once', async () => {
    const nodes = await Promise.all([
      scene.start({ held: true }),
      scene.start({ held: true }),
      scene.start({ held: true }),
    ]);
    const ids: number[] = [];
    for (let count = 0; count < 20; count += 1) ids.push(await scene.insertClaimed('1 minute'));
    await Promise.all(nodes.map((node) => node.get(RecoveryService).recover()));
    const rescues = await scene.sql<{ order_id: string }>(
      `SELECT order_id FROM order_events WHERE from_status = 'PROCESSING' AND order_id = ANY($1)`,
      [ids],
    );
    expect(rescues).toHaveLength(20);
    expect(new Set(rescues.map(({ order_id }) => order_id)).size).toBe(20);
  });

  it('never runs twice at once, and is awaited at the end', async () => {
    const node = await scene.start({ settings: { recoveryIntervalMs: 100 } });
    const recovery = node.get(RecoveryService);
    await until('the first sweep is over', async () => {
      await recovery.tick();
      return true;
    });
    const sweeps = jest.spyOn(recovery, 'recover');
    await other.query('BEGIN');
    await other.query('LOCK TABLE processing_nodes IN ACCESS EXCLUSIVE MODE');
    await untilWaitingForLock();
    await until('a sweep has begun', () => sweeps.mock.calls.length > 0);
    const begun = sweeps.mock.calls.length;
    await Promise.all([recovery.tick(), recovery.tick()]);
    await scene.sql('SELECT pg_sleep(0.5)');
    expect(sweeps).toHaveBeenCalledTimes(begun);

    let stopped = false;
    const stopping = recovery.onModuleDestroy().then(() => {
      stopped = true;
    });
    await recovery.tick();
    expect(stopped).toBe(false);
    await other.query('COMMIT');
    await stopping;
    await recovery.tick();
    expect(sweeps).toHaveBeenCalledTimes(begun);
    await Promise.all(sweeps.mock.results.map(({ value }) => value as Promise<unknown>));
  });

  it('survives PostgreSQL going away in mid-sweep, and the next sweep does the work', async () => {
    const node = await scene.startQuiet();
    const id = await scene.insertClaimed('1 minute');
    await other.query('BEGIN');
    await other.query('LOCK TABLE processing_nodes IN ACCESS EXCLUSIVE MODE');
    const failed = expect(node.get(RecoveryService).recover()).rejects.toMatchObject({
      code: 'database_unavailable',
    });
    await untilWaitingForLock();
    await scene.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'order-service'`,
    );
    await failed;
    await other.query('COMMIT');
    expect(await scene.statusOf(id)).toBe('PROCESSING');
    // The pool may take another dead connection first.
    await until('a sweep gets through', async () => {
      const sweep = node.get(RecoveryService).recover();
      return (await sweep.catch(() => undefined))?.rescued === 1;
    });
    await scene.reaches(id, 'COMPLETED');
  });

  it('works beside a long transaction that was left open', async () => {
    await other.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const [locked = 0] = await scene.insertOrders(1, {
      next_attempt_at: `now() - interval '1 hour'`,
    });
    await other.query('SELECT FROM orders');
    await other.query('SELECT FROM orders WHERE id = 1 FOR UPDATE');
    const dead = await scene.insertClaimed('1 minute');
    const node = await scene.start();
    const ids = await Promise.all(Array.from({ length: 20 }, () => createOrder(node)));
    for (const id of [locked, dead, ...ids]) await scene.reaches(id, 'COMPLETED');
  });

  it('has no row of a node that stopped while its heartbeat was under way', async () => {
    const node = await scene.start({ settings: { heartbeatIntervalMs: 100 } });
    const registry = node.get(NodeRegistry);
    const beat = registry.beat.bind(registry);
    let send: () => void = () => undefined;
    const underWay = new Promise<void>((resolve) => {
      jest.spyOn(registry, 'beat').mockImplementationOnce(async () => {
        resolve();
        await new Promise<void>((sent) => (send = sent));
        await beat();
      });
    });
    onTestEnd(() => {
      send();
    });
    await underWay;
    const stopped = node.get(Heartbeat).stop();
    await scene.sql('SELECT 1');
    send();
    await stopped;
    expect(await scene.sql('SELECT FROM processing_nodes')).toEqual([]);
  });
});
