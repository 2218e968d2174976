import { DataSource } from 'typeorm';
import { ClaimsRepository } from '../../src/processing/claims/claims.repository';
import { NodeRegistry } from '../../src/processing/claims/node-registry';
import { RecoveryService } from '../../src/processing/recovery.service';
import { RunningClaims } from '../../src/processing/workers/running-claims';
import { onTestEnd } from '../support/running-test';
import { call, createOrder, Scene, type TestNode } from '../support/service';
import { until } from '../support/until';

const LONG_DRAIN = { shutdownDrainMs: 60_000 };

describe('the shutdown', () => {
  const scene = new Scene();

  async function rowOf(id: number): Promise<Record<string, unknown> | undefined> {
    const [row] = await scene.sql(
      `SELECT status, attempt - free_attempts AS counted, claimed_by, started_at FROM orders WHERE id = $1`,
      [id],
    );
    return row;
  }

  async function untilDraining(node: TestNode): Promise<void> {
    await until('the node is not ready', async () => {
      const { status } = await call(`${node.url}/health/ready`);
      return status === 503;
    });
  }

  async function answers(node: TestNode): Promise<boolean> {
    return call(`${node.url}/health/live`).then(
      () => true,
      () => false,
    );
  }

  it('goes step by step: not ready, no new claims, the running work, HTTP, the database', async () => {
    const node = await scene.start({
      held: true,
      settings: { ...LONG_DRAIN, workerCount: 2 },
    });
    const [first, second, third] = [
      await createOrder(node),
      await createOrder(node),
      await createOrder(node),
    ];
    await node.fulfilment.holds(first);
    await node.fulfilment.holds(second);

    const closing = node.close();
    await untilDraining(node);

    // It still accepts orders, for other nodes to process.
    const late = await createOrder(node);
    expect(await call(`${node.url}/order/get_order/${first}`)).toMatchObject({ status: 200 });
    node.fulfilment.complete(first);
    await scene.reaches(first, 'COMPLETED');
    expect(await answers(node)).toBe(true);
    expect(node.get(DataSource).isInitialized).toBe(true);

    node.fulfilment.complete(second);
    await closing;
    expect(await scene.statusOf(second)).toBe('COMPLETED');
    expect(await answers(node)).toBe(false);
    expect(node.get(DataSource).isInitialized).toBe(false);
    for (const id of [third, late]) {
      expect(await rowOf(id)).toMatchObject({ status: 'PENDING', counted: 0 });
    }
    expect(node.fulfilment.started.map(({ orderId }) => orderId)).toEqual([first, second]);
    expect(await scene.sql('SELECT FROM processing_nodes')).toEqual([]);
  });

  it('closes the database only when the last request is answered', async () => {
    const node = await scene.start({ held: true });
    const closed: string[] = [];
    const source = node.get(DataSource);
    const destroy = source.destroy.bind(source);
    jest.spyOn(source, 'destroy').mockImplementation(() => {
      closed.push('database');
      return destroy();
    });
    (node.app.getHttpServer() as { once(event: 'close', listener: () => void): void }).once(
      'close',
      () => closed.push('http'),
    );
    await node.close();
    expect(closed).toEqual(['http', 'database']);
  });

  it('releases what is not through in time, at no cost of an attempt', async () => {
    const node = await scene.start({ held: true, settings: { shutdownDrainMs: 100 } });
    const id = await createOrder(node);
    const claim = await node.fulfilment.holds(id);
    await node.close();
    expect(claim.attempt).toBe(1);
    expect(await rowOf(id)).toEqual({
      status: 'PENDING',
      counted: 0,
      claimed_by: null,
      started_at: null,
    });
    expect(await scene.pathOf(id)).toEqual(['PENDING', 'PROCESSING', 'PENDING']);
    const next = await scene.start();
    await scene.reaches(id, 'COMPLETED');
    expect(next.fulfilment.started).toMatchObject([{ orderId: id, attempt: 2, freeAttempts: 1 }]);
  });

  it('is not held up by work that ignores its signal', async () => {
    const node = await scene.start({ settings: { shutdownDrainMs: 100 } });
    node.fulfilment.behaviour = () => new Promise(() => undefined);
    const id = await createOrder(node);
    await until('it is worked on', () => node.fulfilment.started.length === 1);
    await node.close();
    expect(await rowOf(id)).toMatchObject({ status: 'PENDING', counted: 0 });
  });

  it('releases also a claim whose answer comes after the drain', async () => {
    const node = await scene.start({
      held: true,
      settings: { shutdownDrainMs: 0, workerCount: 1 },
    });
    const claims = node.get(ClaimsRepository);
    const claim = claims.claim.bind(claims);
    let answer: () => void = () => undefined;
    onTestEnd(() => {
      answer();
    });
    const asked = new Promise<void>((resolve) => {
      jest.spyOn(claims, 'claim').mockImplementation(async (orderId) => {
        const made = await claim(orderId);
        await new Promise<void>((answered) => {
          answer = answered;
          resolve();
        });
        return made;
      });
    });
    const id = await createOrder(node);
    await asked;
    const closing = node.close();
    await until(
      'the drain is over',
      () => Reflect.get(node.get(RunningClaims), 'released') === true,
    );
    answer();
    await closing;
    expect(node.fulfilment.started).toEqual([]);
    expect(await rowOf(id)).toMatchObject({ status: 'PENDING', counted: 0 });
  });

  it('sends heartbeats during the drain, so that no other node rescues what is finished in it', async () => {
    const settings = { ...LONG_DRAIN, heartbeatIntervalMs: 100 };
    const node = await scene.start({ held: true, settings });
    const id = await createOrder(node);
    await node.fulfilment.holds(id);
    const other = await scene.start({ settings: { recoveryIntervalMs: 3_600_000 } });
    // From here on it recovers only when the test asks for it.
    await other.get(RecoveryService).onModuleDestroy();
    const nodeId = node.get(NodeRegistry).id;
    const closing = node.close();
    await untilDraining(node);
    await scene.sql(
      `UPDATE processing_nodes SET heartbeat_at = now() - interval '1 hour' WHERE id = $1`,
      [nodeId],
    );
    await until('the draining node has sent a heartbeat', async () => {
      const [alive] = await scene.sql(
        `SELECT FROM processing_nodes WHERE id = $1 AND heartbeat_at > now() - interval '1 minute'`,
        [nodeId],
      );
      return alive !== undefined;
    });
    expect(await other.get(RecoveryService).recover()).toMatchObject({ rescued: 0 });
    node.fulfilment.complete(id);
    await closing;
    expect(await scene.pathOf(id)).toEqual(['PENDING', 'PROCESSING', 'COMPLETED']);
    expect(other.fulfilment.started).toEqual([]);
  });
});
