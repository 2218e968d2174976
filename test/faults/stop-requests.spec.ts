import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { isRunning } from '../../src/embedded-postgres/process';
import { databaseUrlOf, ProcessScene, sql } from '../support/process-scene';
import { onTestEnd } from '../support/running-test';
import { call, ORDER } from '../support/service';
import { until } from '../support/until';

const ROOT = join(__dirname, '../..');

/** Work that is under way when the service is told to stop, and completes in the drain. */
const UNDER_WAY = {
  PROCESSING_MIN_MS: '500',
  PROCESSING_MAX_MS: '500',
  SHUTDOWN_DRAIN_MS: '60000',
};

describe('a service that loses its surroundings', () => {
  const scene = new ProcessScene();

  async function create(url: string): Promise<number> {
    const { status, body } = await call(`${url}/order/create_order`, { body: ORDER });
    expect(status).toBe(201);
    return Number(body['order_id']);
  }

  /** The status that an order has once the next start of the service has opened the database. */
  async function statusAtNextStart(id: number): Promise<unknown> {
    const next = scene.launch({ ROLE: 'api' });
    const { body } = await call(`${await next.url()}/order/get_order/${id}`);
    await next.stop();
    return body['status'];
  }

  it('drains when its terminal is closed (SIGHUP)', async () => {
    const service = scene.launch(UNDER_WAY);
    const id = await create(await service.url());
    service.signal('SIGHUP');
    expect(await service.exited).toEqual({ code: 0, signal: null });
    expect(await statusAtNextStart(id)).toBe('COMPLETED');
  });

  it('continues when its output has no reader any more, and drains', async () => {
    const service = scene.launch({ ...UNDER_WAY, LOG_LEVEL: 'debug' });
    const url = await service.url();
    const database = await databaseUrlOf(service);
    service.closeOutput();
    // Each of these failures is logged.
    await sql(database, 'ALTER TABLE orders RENAME TO orders_aside');
    for (let count = 0; count < 5; count += 1) {
      expect((await call(`${url}/order/get_order/1`)).status).toBe(503);
    }
    await sql(database, 'ALTER TABLE orders_aside RENAME TO orders');
    const id = await create(url);
    expect(await service.stop()).toEqual({ code: 0, signal: null });
    expect(await statusAtNextStart(id)).toBe('COMPLETED');
  });

  it('stops when the npm that started it is killed', async () => {
    const hook = join(ROOT, 'test/support/register-swc.js');
    const command = `"${process.execPath}" -r "${hook}" "${join(ROOT, 'src/main.ts')}"; exit $?`;
    const shell = spawn('/bin/sh', ['-c', command], {
      env: {
        PATH: process.env['PATH'],
        PORT: '0',
        DATA_DIR: scene.dataDir,
        npm_lifecycle_event: 'start',
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestEnd(() => shell.kill('SIGKILL'));
    let output = '';
    shell.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ready = () => /^\{"event":"ready".*\}$/m.exec(output)?.[0];
    await until('the service is ready', () => ready() !== undefined, 60_000);
    const { pid } = JSON.parse(ready() ?? '') as { pid: number };
    onTestEnd(() => {
      if (isRunning(pid)) process.kill(pid, 'SIGKILL');
    });
    shell.kill('SIGKILL');
    await until('the service has ended', () => !isRunning(pid), 60_000);
    await until('PostgreSQL has ended', async () => (await scene.postmaster()) === undefined);
  });
});
