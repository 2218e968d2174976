import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning } from '../../src/embedded-postgres/process';
import { readPostmasterPid } from '../../src/embedded-postgres/postmaster-pid';
import { ensureBuilt } from '../support/build';
import { missingRedisServer } from '../support/redis';
import { describeUnless } from '../support/requirement';
import { call, ORDER } from '../support/service';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';

const SCRIPT = join(__dirname, '../..', 'examples', 'cluster.mjs');

/** Generous: seven processes start at once, on a machine that may be busy. */
const START_DEADLINE_MS = 120_000;

const TEST_TIMEOUT_MS = 240_000;

/** Claims of a killed node expire while the test waits. */
const SETTINGS = {
  PROCESSING_MIN_MS: '200',
  PROCESSING_MAX_MS: '400',
  HEARTBEAT_INTERVAL_MS: '300',
  LEASE_MS: '1000',
  RECOVERY_INTERVAL_MS: '300',
};

class Cluster {
  output = '';
  private readonly child: ChildProcess;

  constructor(
    private readonly dataDir: string,
    path = process.env['PATH'],
  ) {
    this.child = spawn(process.execPath, [SCRIPT], {
      env: { ...SETTINGS, PATH: path, DATA_DIR: dataDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async ready(): Promise<void> {
    const state = () => {
      if (this.hasEnded) throw new Error(`The script has ended:\n${this.output}`);
      return this.output.includes('Press Ctrl-C to stop all of them');
    };
    await until('the nodes are ready', state, START_DEADLINE_MS);
  }

  urls(role: 'api' | 'worker'): string[] {
    return [...this.output.matchAll(/^ +(\w+) \d +(http\S+)/gm)]
      .filter(([, kind]) => kind === role)
      .map(([, , url = '']) => url);
  }

  /** Of all processes: nodes, Redis, PostgreSQL. */
  async pids(): Promise<number[]> {
    const children = [...this.output.matchAll(/pid (\d+)$/gm)].map(([, pid]) => Number(pid));
    const postmaster = await readPostmasterPid(join(this.dataDir, 'pg18'));
    return [...children, ...(postmaster ? [postmaster.pid] : [])];
  }

  /** Stops it as Ctrl-C does, unless it has ended, and returns its exit code. */
  async interrupt(): Promise<number | null> {
    if (!this.hasEnded) {
      this.child.kill('SIGINT');
      await once(this.child, 'close');
    }
    return this.child.exitCode;
  }
}

describe('examples/cluster.mjs', () => {
  let folder: string;
  let cluster: Cluster | undefined;

  beforeAll(() => ensureBuilt(), TEST_TIMEOUT_MS);

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    const pids = (await cluster?.pids()) ?? [];
    await cluster?.interrupt();
    cluster = undefined;
    // Processes that the script should have stopped, when the test has failed.
    for (const pid of pids.filter(isRunning)) process.kill(pid, 'SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }, TEST_TIMEOUT_MS);

  function launch(path?: string): Cluster {
    cluster = new Cluster(join(folder, 'data'), path);
    return cluster;
  }

  it('says what to do without a redis-server', async () => {
    const single = launch('/nowhere');
    await until('the script has ended', () => single.hasEnded);
    expect(await single.interrupt()).toBe(1);
    expect(single.output).toContain('no redis-server on the PATH. Install it');
    expect(single.output).not.toMatch(/^\s+at /m);
  });

  describeUnless(missingRedisServer(), 'REQUIRE_REDIS')('with Redis', () => {
    const completed = async (api: string, count: number) =>
      until('all orders are COMPLETED', async () => {
        const { body } = await call(`${api}/metrics`);
        return (body['orders_by_status'] as Record<string, number>)['COMPLETED'] === count;
      });
    const create = async (api: string) => {
      const { status } = await call(`${api}/order/create_order`, { body: ORDER });
      expect(status).toBe(201);
    };

    it(
      'runs every node, continues without one of them, and leaves no process running',
      async () => {
        const nodes = launch();
        await nodes.ready();
        const [first = '', second = ''] = nodes.urls('api');
        const workers = nodes.urls('worker');
        const pids = await nodes.pids();
        expect([workers.length, pids.length]).toEqual([3, 7]);
        for (const worker of workers) {
          expect((await call(`${worker}/health/ready`)).status).toBe(200);
          expect((await call(`${worker}/order/get_order/1`)).status).toBe(404);
        }

        const before = Number((await call(`${first}/metrics`)).body['total_orders']);
        await Promise.all(Array.from({ length: 30 }, (_, i) => create(i % 2 ? first : second)));
        process.kill(Number(/WORKER1=(\d+)/.exec(nodes.output)?.[1]), 'SIGKILL');
        await completed(second, before + 30);
        expect(nodes.output).toContain('worker 1 has ended (SIGKILL)');

        expect(nodes.output).not.toMatch(/postgres:\/\/\S+:\S+@/);
        expect(await nodes.interrupt()).toBe(0);
        expect(pids.filter(isRunning)).toEqual([]);
      },
      TEST_TIMEOUT_MS,
    );

    it(
      'stops all processes when it is asked to before they are ready',
      async () => {
        const nodes = launch();
        await until('PostgreSQL starts', async () => (await nodes.pids()).length > 0);
        await nodes.interrupt();
        await until('PostgreSQL has ended', async () => (await nodes.pids()).length === 0);
      },
      TEST_TIMEOUT_MS,
    );
  });
});
