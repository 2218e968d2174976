import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Cluster } from '../support/cluster';
import { createDatabase, type TestDatabase } from '../support/database';
import { EffectsReceiver } from '../support/effects-receiver';
import { expectCompletedOnce, sql, untilAllAreClosed } from '../support/process-scene';
import { missingRedisServer, RedisServer } from '../support/redis';
import { describeUnless } from '../support/requirement';
import { later } from '../support/running-test';
import { until } from '../support/until';

const ORDERS = 2_000;

/** Callers that send one order after the other. */
const CALLERS = 20;

const TIME_LIMIT_MS = 240_000;

/** Leases that soon run out. */
const SETTINGS = {
  MIGRATE_ON_START: 'false',
  DATABASE_POOL_SIZE: '5',
  WORKER_COUNT: '8',
  FULFILMENT: 'http',
  HEARTBEAT_INTERVAL_MS: '500',
  LEASE_MS: '3000',
  RECOVERY_INTERVAL_MS: '1000',
  RETRY_BASE_MS: '100',
  // Here the same orders may lose one node after the other.
  MAX_ATTEMPTS: '100',
};

describe('a cluster of processes', () => {
  let database: TestDatabase;
  let cluster: Cluster;
  let receiver: EffectsReceiver;

  beforeEach(async () => {
    receiver = await EffectsReceiver.start();
    database = await createDatabase();
    await sql(database.url, await readFile(join(__dirname, '../../seed/init.sql'), 'utf8'));
  });

  afterEach(async () => {
    await receiver.stop();
    await database.drop();
  });

  const addresses = () => ({ DATABASE_URL: database.url, FULFILMENT_URL: receiver.url });

  async function acceptAll(): Promise<number[]> {
    const ids: number[] = [];
    let next = 0;
    const caller = async () => {
      for (let order = next++; order < ORDERS; order = next++)
        ids.push(await cluster.accept(`cluster-${order}`));
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    return ids;
  }

  /** Resolves once so many orders are completed, those of the seed data not counted. */
  async function completed(count: number): Promise<void> {
    const seen = `SELECT count(DISTINCT order_id)::int AS count FROM order_events e
                  JOIN orders o ON o.id = e.order_id
                  WHERE e.to_status = 'COMPLETED' AND o.idempotency_key LIKE 'cluster-%'`;
    await until(
      `${count} orders are completed (${cluster.story.join('; ')})`,
      async () => ((await sql<{ count: number }>(database.url, seen))[0]?.count ?? 0) >= count,
      TIME_LIMIT_MS,
    );
  }

  /** Resolves once others have taken all claims of the node, by its process id. */
  async function rescued(pid: number): Promise<void> {
    const claims = `SELECT FROM orders o JOIN processing_nodes n ON n.id = o.claimed_by
                    WHERE o.status = 'PROCESSING' AND n.name LIKE '%:' || $1`;
    await until(
      `the claims of ${pid} are rescued`,
      async () => (await sql(database.url, claims, [pid])).length === 0,
    );
  }

  async function expectNothingLostOrDoubled(ids: readonly number[]): Promise<void> {
    await untilAllAreClosed(database.url, TIME_LIMIT_MS);
    expect(new Set(ids).size).toBe(ORDERS);
    await expectCompletedOnce(database.url, ids);
    const [row] = await sql<{ count: number }>(
      database.url,
      `SELECT count(*)::int AS count FROM orders WHERE idempotency_key LIKE 'cluster-%'`,
    );
    expect(row?.count).toBe(ORDERS);
    // Attempts are repeated after a node was lost; the receiver recognises them by the key.
    expect(receiver.requests).toBeGreaterThanOrEqual(ORDERS);
    expect(receiver.effects).toEqual(new Set(ids.map((id) => `order-${id}`)));
  }

  it(
    'with the queue in memory: nodes are killed and added, and each order completes once',
    async () => {
      cluster = new Cluster({ ...SETTINGS, ...addresses() });
      await Promise.all([cluster.add('all'), cluster.add('all'), cluster.add('all')]);
      const accepting = later(acceptAll());
      const added: Promise<void>[] = [];
      for (const progress of [200, 600, 1_000, 1_400]) {
        await completed(progress);
        await cluster.killAny('all');
        added.push(later(cluster.add('all')));
      }
      await Promise.all(added);
      await expectNothingLostOrDoubled(await accepting);
    },
    TIME_LIMIT_MS,
  );

  describeUnless(missingRedisServer(), 'REQUIRE_REDIS')('on BullMQ', () => {
    let redis: RedisServer;

    beforeEach(async () => {
      redis = await RedisServer.create();
      await redis.start();
    });

    afterEach(async () => {
      await redis.remove();
    });

    it(
      'two api and three worker nodes: killed, added, one paused, Redis restarted empty, and each order completes once',
      async () => {
        cluster = new Cluster({
          ...SETTINGS,
          ...addresses(),
          QUEUE_ENGINE: 'bullmq',
          REDIS_URL: redis.url,
        });
        const roles = ['api', 'worker', 'worker', 'worker', 'api'] as const;
        await Promise.all(roles.map((role) => cluster.add(role)));
        const accepting = later(acceptAll());
        const added: Promise<void>[] = [];
        await completed(200);
        await cluster.killAny('worker');
        added.push(later(cluster.add('worker')));
        await completed(500);
        await cluster.killAny('api');
        added.push(later(cluster.add('api')));
        const zombie = cluster.pauseAny('worker');
        await completed(900);
        await redis.kill();
        await redis.start();
        await completed(1_200);
        await rescued(zombie.pid);
        zombie.signal('SIGCONT');
        await completed(1_400);
        await cluster.killAny('worker');
        added.push(later(cluster.add('worker')));
        await Promise.all(added);
        await expectNothingLostOrDoubled(await accepting);
      },
      TIME_LIMIT_MS,
    );
  });
});
