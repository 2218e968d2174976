import { NodeRegistry } from '../../src/processing/claims/node-registry';
import { RecoveryService } from '../../src/processing/recovery.service';
import { WorkerPool } from '../../src/processing/workers/worker-pool.service';
import { createOrder, Scene, type TestNode } from '../support/service';
import { until } from '../support/until';

/** No sweep comes to help. */
const NO_RECOVERY = { recoveryIntervalMs: 3_600_000 };

/** What a fulfilment may throw, and what is kept of it. */
const THROWN: readonly (readonly [what: string, thrown: unknown, kept: string])[] = [
  ['an Error', new Error('the printer is out of paper'), 'the printer is out of paper'],
  ['a text', 'just a text', 'just a text'],
  ['nothing', undefined, 'undefined'],
  ['null bytes', new Error('a\0b\0c'), 'abc'],
  ['ten kilobytes', new Error('x'.repeat(10_000)), 'x'.repeat(500)],
  ['half a character at the cut', new Error(`${'x'.repeat(499)}😀`), `${'x'.repeat(499)}\ufffd`],
  ['what no text can be made of', Object.create(null), 'an error without a message'],
  ['an Error whose message is none', messageless(), '7'],
];

describe('the worker loops', () => {
  const scene = new Scene();

  async function lastError(id: number): Promise<unknown> {
    const [row] = await scene.sql('SELECT last_error FROM orders WHERE id = $1', [id]);
    return row?.['last_error'];
  }

  /** Every order completes while one loop does all the work. */
  async function expectLoopLives(node: TestNode): Promise<void> {
    node.fulfilment.behaviour = () => Promise.resolve();
    await scene.reaches(await createOrder(node), 'COMPLETED');
  }

  it('start with the module, as many as WORKER_COUNT', async () => {
    const node = await scene.start({ held: true, settings: { workerCount: 4 } });
    await Promise.all(Array.from({ length: 6 }, () => createOrder(node)));
    await until('all loops are busy', () => node.fulfilment.held.length === 4);
    expect(node.get(WorkerPool)).toMatchObject({ total: 4, busy: 4 });
    const held = new Set(node.fulfilment.held.map(({ orderId }) => orderId));
    expect(held).toEqual(new Set([6, 7, 8, 9]));
  });

  it.each(THROWN)('live on when the work throws %s', async (_, thrown, kept) => {
    const node = await scene.start({ settings: { workerCount: 1, maxAttempts: 1 } });
    const error = thrown as Error; // whatever it really is
    node.fulfilment.behaviour = () => Promise.reject(error);
    const id = await createOrder(node);
    await scene.reaches(id, 'FAILED');
    expect(await lastError(id)).toBe(kept);
    await expectLoopLives(node);
  });

  it('live on when the work throws before it returns a promise', async () => {
    const node = await scene.start({ settings: { workerCount: 1, maxAttempts: 1 } });
    node.fulfilment.behaviour = () => {
      throw new Error('at once');
    };
    const id = await createOrder(node);
    await scene.reaches(id, 'FAILED');
    expect(await lastError(id)).toBe('at once');
    await expectLoopLives(node);
  });

  it('retry a failure up to MAX_ATTEMPTS, and keep the last reason', async () => {
    const node = await scene.start({ settings: { ...NO_RECOVERY, maxAttempts: 3 } });
    node.fulfilment.behaviour = ({ attempt }) => Promise.reject(new Error(`try ${attempt}`));
    const id = await createOrder(node);
    await scene.reaches(id, 'FAILED');
    const [row] = await scene.sql(
      'SELECT attempt, free_attempts, last_error, claimed_by FROM orders WHERE id = $1',
      [id],
    );
    expect(row).toEqual({ attempt: 3, free_attempts: 0, last_error: 'try 3', claimed_by: null });
    const tries = ['PROCESSING', 'PENDING'];
    expect(await scene.pathOf(id)).toEqual(['PENDING', ...tries, ...tries, 'PROCESSING', 'FAILED']);
  });

  it('wait longer from failure to failure, at most RETRY_MAX_MS', async () => {
    const hour = 3_600_000;
    const node = await scene.start({
      settings: { ...NO_RECOVERY, retryBaseMs: hour, retryMaxMs: 3 * hour },
    });
    // After the start: Nest draws the keys of its modules from it.
    jest.spyOn(Math, 'random').mockReturnValue(0.999);
    node.fulfilment.behaviour = () => Promise.reject(new Error('no'));
    const id = await createOrder(node);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await until('the order waits for its retry', async () => {
        const [row] = await scene.sql<{ hours: number }>(
          `SELECT round(extract(epoch FROM next_attempt_at - now()) / 3600)::int AS hours
           FROM orders WHERE id = $1 AND status = 'PENDING' AND attempt = $2`,
          [id, attempt],
        );
        if (row) waits.push(row.hours);
        return row !== undefined;
      });
      await scene.sql('UPDATE orders SET next_attempt_at = now() WHERE id = $1', [id]);
      await node.get(RecoveryService).recover();
    }
    jest.restoreAllMocks();
    expect(waits).toEqual([1, 2, 3, 3]);
  });

  it('hand over a claim whose answer was lost', async () => {
    const node = await scene.start({ settings: NO_RECOVERY });
    await node.get(RecoveryService).onModuleDestroy(); // the first sweep is over, and no other comes
    const nodeId = node.get(NodeRegistry).id;
    const [lost = 0, fresh = 0] = await scene.insertOrders(2, {
      status: `'PROCESSING'`,
      attempt: '1',
      claimed_by: `'${nodeId}'`,
      started_at: `now() - interval '31 seconds'`,
    });
    // Its answer may still be on its way.
    await scene.sql('UPDATE orders SET started_at = now() WHERE id = $1', [fresh]);
    expect(await node.get(RecoveryService).recover()).toMatchObject({ rescued: 0, released: 1 });
    await scene.reaches(lost, 'COMPLETED');
    const [row] = await scene.sql('SELECT attempt, free_attempts FROM orders WHERE id = $1', [
      lost,
    ]);
    expect(row).toEqual({ attempt: 2, free_attempts: 1 });
    expect(await scene.statusOf(fresh)).toBe('PROCESSING');
  });

  it('keep a claim that a loop does know of, however old', async () => {
    const node = await scene.start({ held: true, settings: NO_RECOVERY });
    const id = await createOrder(node);
    await node.fulfilment.holds(id);
    await scene.sql(`UPDATE orders SET started_at = now() - interval '5 minutes' WHERE id = $1`, [
      id,
    ]);
    expect(await node.get(RecoveryService).recover()).toMatchObject({ rescued: 0, released: 0 });
    node.fulfilment.complete(id);
    await scene.reaches(id, 'COMPLETED');
  });
});

function messageless(): Error {
  return Object.assign(new Error(), { message: 7 });
}
