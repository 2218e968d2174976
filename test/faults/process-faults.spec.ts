import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { EmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres';
import { Caller } from '../support/caller';
import { createDatabase } from '../support/database';
import {
  databaseUrlOf,
  expectCompletedOnce,
  ProcessScene,
  sql,
  untilAllAreClosed,
} from '../support/process-scene';
import { onTestEnd, refuseAfterTest } from '../support/running-test';
import { call, ORDER } from '../support/service';
import { until } from '../support/until';

const BODY = JSON.stringify(ORDER);

describe('the service as a process, through faults', () => {
  const scene = new ProcessScene();

  it('loses nothing and doubles nothing when it is killed in mid-order, many times', async () => {
    let url = '';
    const caller = new Caller(() => url);
    const neighbour = new Caller(() => url);
    for (let round = 1; round <= 4; round += 1) {
      const service = scene.launch();
      url = await service.url();
      const sofar = caller.accepted.length;
      await until('orders are accepted', () => caller.accepted.length >= sofar + 20);
      await service.kill();
    }
    const accepted = [...(await caller.stop()), ...(await neighbour.stop())];
    const service = scene.launch();
    const databaseUrl = await databaseUrlOf(service);
    await untilAllAreClosed(databaseUrl);
    await expectCompletedOnce(databaseUrl, accepted);
    const odd = await sql(
      databaseUrl,
      `SELECT id FROM orders WHERE id > 5 AND (started_at < created_at
         OR finished_at - started_at NOT BETWEEN interval '0' AND interval '30 seconds')`,
    );
    expect(odd).toEqual([]);
    await service.stop();
  });

  it('accepts a thousand orders on a thousand connections at once', async () => {
    const service = scene.launch({ WORKER_COUNT: '20' });
    const databaseUrl = await databaseUrlOf(service);
    const { port } = new URL(await service.url());
    const headers = { 'Content-Type': 'application/json', 'Content-Length': BODY.length };
    const options = { port, method: 'POST', path: '/order/create_order', agent: false, headers };
    // Every connection stands before the first order is sent.
    const requests = await Promise.all(
      Array.from({ length: 1_000 }, async () => {
        const pending = request({ ...options, host: '127.0.0.1' });
        onTestEnd(() => pending.destroy());
        pending.flushHeaders();
        const [socket] = (await once(pending, 'socket')) as [{ connecting: boolean }];
        await until('the connection stands', () => !socket.connecting);
        return pending;
      }),
    );
    const answers = await Promise.all(requests.map(send));
    expect(answers.filter(({ status }) => status !== 201)).toEqual([]);
    const ids = answers.map(({ id }) => id);
    expect(new Set(ids).size).toBe(1_000);
    await untilAllAreClosed(databaseUrl);
    await expectCompletedOnce(databaseUrl, ids);
    await service.stop();
  });

  it('lets a node that slept past its lease change nothing', async () => {
    const database = await createDatabase();
    onTestEnd(() => database.drop());
    const shared = {
      DATABASE_URL: database.url,
      SEED_ON_START: 'true',
      LEASE_MS: '1500',
      HEARTBEAT_INTERVAL_MS: '300',
      PROCESSING_MIN_MS: '700',
      PROCESSING_MAX_MS: '700',
      WORKER_COUNT: '2',
    };
    const paused = scene.launch(shared);
    const url = await paused.url();
    const caller = new Caller(() => url);
    // So many that its two loops are still at work when it is stopped.
    await until('orders are accepted', () => caller.accepted.length >= 8);
    const accepted = await caller.stop();
    paused.signal('SIGSTOP');
    await until('its last statement has ended', async () => {
      const active = `SELECT FROM pg_stat_activity WHERE datname = current_database()
                      AND application_name LIKE 'order-service%' AND state = 'active'`;
      return (await sql(database.url, active)).length === 0;
    });
    const held = await sql(database.url, `SELECT id FROM orders WHERE status = 'PROCESSING'`);
    expect(held.length).toBeGreaterThan(0);
    const rescuer = scene.launch(shared);
    await rescuer.url();
    await untilAllAreClosed(database.url);
    const before = await sql(database.url, 'SELECT * FROM orders ORDER BY id');
    paused.signal('SIGCONT');
    await until('it has let go of them', async () => {
      const { body } = await call(`${url}/metrics`);
      return (body['workers'] as { busy: number }).busy === 0;
    });
    expect(await sql(database.url, 'SELECT * FROM orders ORDER BY id')).toEqual(before);
    await expectCompletedOnce(database.url, accepted);
    const rescued = await sql(
      database.url,
      `SELECT DISTINCT order_id FROM order_events
       WHERE from_status = 'PROCESSING' AND to_status = 'PENDING' AND order_id = ANY($1)`,
      [held.map(({ id }) => id)],
    );
    expect(rescued).toHaveLength(held.length);
    // The node that was paused works again.
    await rescuer.stop();
    const next = new Caller(() => url);
    await until('orders are accepted', () => next.accepted.length > 0);
    const later = await next.stop();
    await untilAllAreClosed(database.url);
    await expectCompletedOnce(database.url, [...accepted, ...later]);
    await paused.stop();
  });

  it('goes on by itself when PostgreSQL was restarted under load', async () => {
    const dataDir = `${scene.dataDir}-shared`;
    const port = { value: 0 };
    const start = async (): Promise<EmbeddedPostgres> => {
      const pickPort = port.value ? () => Promise.resolve(port.value) : undefined;
      refuseAfterTest();
      const starting = EmbeddedPostgres.start({ dataDir, durable: false }, { pickPort });
      onTestEnd(() => starting.then((server) => server.stop()));
      const started = await starting;
      port.value = Number(new URL(started.url).port);
      return started;
    };
    let postgres = await start();
    const service = scene.launch({
      DATABASE_URL: postgres.url,
      SEED_ON_START: 'true',
      DATABASE_CONNECT_TIMEOUT_MS: '500',
      DATABASE_STATEMENT_TIMEOUT_MS: '500',
      HEARTBEAT_INTERVAL_MS: '300',
      LEASE_MS: '1500',
      PROCESSING_MIN_MS: '0',
      PROCESSING_MAX_MS: '5',
    });
    const url = await service.url();
    const caller = new Caller(() => url);
    for (let round = 1; round <= 3; round += 1) {
      const sofar = caller.accepted.length;
      await until('orders are accepted', () => caller.accepted.length >= sofar + 20);
      await postgres.stop();
      postgres = await start();
    }
    const accepted = await caller.stop();
    await untilAllAreClosed(postgres.url);
    await expectCompletedOnce(postgres.url, accepted);
    expect(await service.stop()).toEqual({ code: 0, signal: null });
  });
});

async function send(pending: ClientRequest): Promise<{ status: number | undefined; id: number }> {
  pending.end(BODY);
  const [response] = (await once(pending, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const { order_id } = JSON.parse(text) as { order_id: number };
  return { status: response.statusCode, id: order_id };
}
