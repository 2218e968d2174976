import { join } from 'node:path';
import { createDatabase, type TestDatabase } from '../support/database';
import { freePort } from '../support/free-port';
import { ServiceProcess } from '../support/service-process';
import { call } from '../support/service';
import { until } from '../support/until';

const REPORT = join(__dirname, '../support/report-packages.js');

/** Packages that only QUEUE_ENGINE=bullmq uses: without them a node starts sooner and needs less memory. */
const ENGINE = ['bullmq', 'ioredis'];
const BOARD = ['@bull-board/api', '@bull-board/express'];

describe('a started service', () => {
  let database: TestDatabase;
  let service: ServiceProcess | undefined;

  beforeEach(async () => {
    database = await createDatabase();
  });

  afterEach(async () => {
    await service?.kill();
    service = undefined;
    await database.drop();
  });

  async function start(settings: Record<string, string>): Promise<ServiceProcess> {
    service = new ServiceProcess({
      DATABASE_URL: database.url,
      NODE_OPTIONS: `--require=${REPORT}`,
      ...settings,
    });
    await service.url();
    return service;
  }

  /** The packages of interest among those that the process has loaded. */
  async function loadedBy(process: ServiceProcess): Promise<string[]> {
    process.output = '';
    process.signal('SIGUSR2');
    const report = () => /^PACKAGES (\[.*\])$/m.exec(process.output)?.[1];
    await until('the packages are reported', () => report() !== undefined);
    const packages = JSON.parse(report() ?? '[]') as string[];
    expect(packages).toContain('@nestjs/core');
    return packages.filter((name) => /^(bullmq|ioredis|@bull-board\/.*)$/.test(name));
  }

  it('with the queue in memory loads neither BullMQ nor ioredis nor Bull-Board', async () => {
    const node = await start({});
    expect((await call(`${await node.url()}/queues`)).status).toBe(404);
    expect(await loadedBy(node)).toEqual([]);
  });

  it('with the queue on BullMQ loads Bull-Board at the first request of its page', async () => {
    // Redis need not answer: the packages are loaded all the same.
    const redisUrl = `redis://127.0.0.1:${await freePort()}`;
    const node = await start({ QUEUE_ENGINE: 'bullmq', REDIS_URL: redisUrl });
    const url = await node.url();
    expect(await loadedBy(node)).toEqual(ENGINE);
    expect((await call(`${url}/queues`, { headers: { via: 'a proxy' } })).status).toBe(404);
    expect(await loadedBy(node)).toEqual(ENGINE);
    expect((await call(`${url}/queues`)).status).toBe(200);
    expect(await loadedBy(node)).toEqual(expect.arrayContaining([...ENGINE, ...BOARD]));
  });
});
