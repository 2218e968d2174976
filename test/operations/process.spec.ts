import { once } from 'node:events';
import { createServer } from 'node:http';
import { realpath } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { isRunning } from '../../src/embedded-postgres/process';
import { urlOf } from '../support/database';
import { databaseUrlOf, ProcessScene, sql } from '../support/process-scene';
import { onTestEnd } from '../support/running-test';
import { call, ORDER } from '../support/service';
import { until } from '../support/until';

/** Work so slow that an order stays PROCESSING for the whole test. */
const SLOW = { PROCESSING_MIN_MS: '3600000', PROCESSING_MAX_MS: '3600000' };

describe('the service as a process', () => {
  const scene = new ProcessScene();

  async function create(url: string): Promise<number> {
    const { status, body } = await call(`${url}/order/create_order`, { body: ORDER });
    expect(status).toBe(201);
    return Number(body['order_id']);
  }

  it('serves the three calls from the first start, and finds its orders at the next', async () => {
    const first = scene.launch();
    const url = await first.url();
    const id = await create(url);
    expect(await call(`${url}/order/get_order/2`)).toMatchObject({ status: 200 });
    expect((await call(`${url}/metrics`)).body).toMatchObject({ total_orders: 6 });
    await until('the order is completed', async () => {
      const { body } = await call(`${url}/order/get_order/${id}`);
      return body['status'] === 'COMPLETED';
    });
    const before = (await call(`${url}/order/list_orders`)).body;
    const postmaster = (await scene.postmaster()) ?? NaN;
    expect(await first.stop()).toEqual({ code: 0, signal: null });
    expect(isRunning(postmaster)).toBe(false);

    const second = scene.launch();
    expect((await call(`${await second.url()}/order/list_orders`)).body).toEqual(before);
    expect(await second.stop()).toEqual({ code: 0, signal: null });
  });

  it('prints one line of JSON when it is ready, and no password', async () => {
    const service = scene.launch();
    const ready = await service.ready();
    const dataDir = scene.dataDir;
    expect(ready).toEqual({
      event: 'ready',
      pid: service.pid,
      role: 'all',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
      database: {
        ...{ host: '127.0.0.1', port: expect.any(Number) as number, user: 'postgres' },
        ...{ name: 'postgres', dataDir },
        passwordFile: join(await realpath(dataDir), 'pg18', 'order-service-password'),
      },
    });
    const databaseUrl = await databaseUrlOf(service);
    expect(await sql(databaseUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await service.stop();
    expect(service.output.match(/"event":"ready"/g)).toHaveLength(1);
    expect(service.output).not.toContain(new URL(databaseUrl).password);
  });

  it('warns of a variable that looks like a setting and is none', async () => {
    const service = scene.launch({ WORKER_COUT: '4' });
    await service.ready();
    expect(service.output).toContain(
      'Unknown variable WORKER_COUT is ignored: did you mean WORKER_COUNT?',
    );
  });

  it('treats two SIGINT in quick succession as one, since npm and the terminal each send one', async () => {
    const service = scene.launch({ ...SLOW, SHUTDOWN_DRAIN_MS: '1500' });
    await create(await service.url());
    service.signal('SIGINT');
    await until('it reports the signal', () => service.output.includes('Send a signal again'));
    service.signal('SIGINT');
    expect(await service.exited).toEqual({ code: 0, signal: null });
  });

  it('stops immediately at a later second signal, and PostgreSQL with it', async () => {
    const service = scene.launch({ ...SLOW, SHUTDOWN_DRAIN_MS: '3600000' });
    const url = await service.url();
    const id = await create(url);
    await until('the order is PROCESSING', async () => {
      const { body } = await call(`${url}/order/get_order/${id}`);
      return body['status'] === 'PROCESSING';
    });
    const postmaster = (await scene.postmaster()) ?? NaN;
    service.signal('SIGTERM');
    await until('it reports the signal', () => service.output.includes('Send a signal again'));
    // A signal within half a second of the first one does not count as a second one.
    const again = setInterval(() => {
      service.signal('SIGTERM');
    }, 200);
    onTestEnd(() => {
      clearInterval(again);
    });
    expect(await service.exited).toEqual({ code: 130, signal: null });
    await until('PostgreSQL has ended', () => !isRunning(postmaster));
  });

  it('stops while a browser has an unused connection open', async () => {
    const service = scene.launch();
    const { port } = new URL(await service.url());
    const socket = connect(Number(port), '127.0.0.1');
    onTestEnd(() => socket.destroy());
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    expect(await service.stop()).toEqual({ code: 0, signal: null });
  });

  it('stops when it is asked to before it is ready', async () => {
    const service = scene.launch();
    await until('PostgreSQL starts', async () => (await scene.postmaster()) !== undefined);
    await service.stop();
    await until('PostgreSQL has ended', async () => (await scene.postmaster()) === undefined);
    const next = scene.launch();
    expect(await create(await next.url())).toBe(6);
    await next.stop();
  });

  describe('does not start', () => {
    it.each([
      ['WORKER_COUNT', 'many'],
      ['PORT', '70000'],
      ['LEASE_MS', '301'],
      ['DATABASE_URL', 'mysql://localhost'],
      ['PROCESSING_MIN_MS', '99999'],
    ])('with an invalid %s, and names it', async (name, value) => {
      const service = scene.launch({ [name]: value });
      expect(await service.exited).toEqual({ code: 1, signal: null });
      expect(service.output).toContain(name);
      expect(service.output).not.toContain(value);
      expect(service.output).not.toMatch(/^\s+at /m);
      expect(await scene.postmaster()).toBeUndefined();
    });

    it('on a port that is in use, and says what to do', async () => {
      const occupant = createServer().listen(0, '127.0.0.1');
      onTestEnd(() => occupant.close());
      await once(occupant, 'listening');
      const { port } = occupant.address() as { port: number };
      const service = scene.launch({ PORT: String(port) });
      expect(await service.exited).toEqual({ code: 1, signal: null });
      expect(service.output).toContain(`Port ${port} on 127.0.0.1 is in use`);
      expect(service.output).toContain('PORT');
      expect(service.output).not.toMatch(/^\s+at /m);
      expect(await scene.postmaster()).toBeUndefined();
    });

    it('on an address that is not of this machine', async () => {
      const service = scene.launch({ HOST: '192.0.2.1' });
      expect(await service.exited).toEqual({ code: 1, signal: null });
      expect(service.output).toContain('Set HOST to an address of this machine');
    });

    it('on a host name of DATABASE_URL that does not exist, or a database that does not', async () => {
      const unknownHost = scene.launch({ DATABASE_URL: 'postgres://me:secret@no-host.invalid/x' });
      expect(await unknownHost.exited).toEqual({ code: 1, signal: null });
      expect(unknownHost.output).toMatch(/Database unavailable: .*no-host\.invalid.*DATABASE_URL/);
      const { href } = Object.assign(new URL(urlOf('postgres')), { pathname: '/no_such_database' });
      const unknownName = scene.launch({ DATABASE_URL: href });
      expect(await unknownName.exited).toEqual({ code: 1, signal: null });
      expect(unknownName.output).toMatch(/connection rejected: .*no_such_database.*DATABASE_URL/);
    });

    it('on a database that does not answer', async () => {
      const service = scene.launch({ DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/orders' });
      expect(await service.exited).toEqual({ code: 1, signal: null });
      expect(service.output).toContain('Database unavailable: ');
      expect(service.output).not.toContain('secret');
      expect(service.output).not.toMatch(/^\s+at /m);
    });

    it('twice on one data folder', async () => {
      const first = scene.launch();
      const databaseUrl = await databaseUrlOf(first);
      const second = scene.launch();
      expect(await second.exited).toEqual({ code: 1, signal: null });
      expect(second.output).toMatch(/in use.*DATA_DIR/);
      expect(await sql(databaseUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await first.stop();
    });
  });
});
