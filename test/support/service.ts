import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Abstract, Type } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { Client } from 'pg';
import request from 'supertest';
import { AppModule } from '../../src/app.module';
import { ServiceSettings } from '../../src/config/service.settings';
import { defaultSettings, type Settings } from '../../src/config/settings';
import { StablePrototypeAdapter } from '../../src/http/express/stable-prototype.adapter';
import { Fulfilment } from '../../src/processing/fulfilment/fulfilment';
import { WorkerPool } from '../../src/processing/workers/worker-pool.service';
import { configureApp } from '../../src/bootstrap/service';
import { ControlledFulfilment } from './controlled-fulfilment';
import { createDatabase, type TestDatabase } from './database';
import { refuseAfterTest } from './running-test';
import { until } from './until';

type Overrides = { -readonly [Name in keyof Settings]?: Settings[Name] };

/** Quick, so that tests wait for states rather than for periods. */
const QUICK: Overrides = {
  port: 0,
  processingMinMs: 0,
  processingMaxMs: 0,
  retryBaseMs: 10,
  retryMaxMs: 50,
  recoveryIntervalMs: 200,
  heartbeatIntervalMs: 200,
  shutdownDrainMs: 200,
  logLevel: 'error',
};

export interface StartOptions {
  readonly settings?: Overrides;
  readonly soleNode?: boolean;
  /** Hold orders in mid-flight until the test lets them go; else fulfilment takes no time. */
  readonly held?: boolean;
}

/** One node of the service in this process, on a real database. */
export class TestNode {
  readonly fulfilment = new ControlledFulfilment();
  private closing: Promise<void> | undefined;

  private constructor(
    readonly app: NestExpressApplication,
    readonly url: string,
  ) {}

  static async start(databaseUrl: string, options: StartOptions = {}): Promise<TestNode> {
    const settings = Object.freeze(Object.assign(defaultSettings(), QUICK, options.settings));
    const soleNode = options.soleNode ?? false;
    const module = Test.createTestingModule({
      imports: [AppModule.with({ settings, databaseUrl, soleNode })],
    }).setLogger(false as never);
    const fulfilment = new ControlledFulfilment();
    if (!options.held) fulfilment.behaviour = () => Promise.resolve();
    module.overrideProvider(Fulfilment).useValue(fulfilment);
    const testing = await module.compile();
    const app = configureApp(
      testing.createNestApplication<NestExpressApplication>(new StablePrototypeAdapter(), {
        bodyParser: false,
      }),
      settings,
    );
    try {
      await app.listen(0, '127.0.0.1');
    } catch (error) {
      await app.close();
      throw error;
    }
    const node = new TestNode(app, await app.getUrl());
    Object.assign(node, { fulfilment });
    return node;
  }

  get<T>(token: Type<T> | Abstract<T>): T {
    return this.app.get(token, { strict: false });
  }

  /** May be called again, and resolves once the node is closed. */
  close(): Promise<void> {
    this.closing ??= this.app.close();
    return this.closing;
  }

  /** Closes it without the wait for work that a test has left in mid-flight. */
  abandon(): Promise<void> {
    this.fulfilment.behaviour = () => Promise.resolve();
    this.fulfilment.completeAll();
    return this.close();
  }
}

/**
 * A database of its own for each test, with the seed data, and any number of nodes on it. After each test it closes
 * them and proves that nothing is left running.
 */
export class Scene {
  private database: TestDatabase | undefined;
  private client: Client | undefined;
  /** A node whose start is under way when the test ends is to be closed, too. */
  private starting: Promise<TestNode>[] = [];

  constructor() {
    beforeEach(async () => {
      this.starting = [];
      this.database = await createDatabase();
      this.client = new Client({
        connectionString: this.database.url,
        application_name: 'test',
      });
      await this.client.connect();
      await this.client.query(await readFile(join(__dirname, '../../seed/init.sql'), 'utf8'));
    });
    afterEach(async () => {
      try {
        const settled = await Promise.allSettled(this.starting);
        const nodes = settled.flatMap((start) => (start.status === 'fulfilled' ? start.value : []));
        await Promise.all(nodes.map((node) => node.abandon()));
        await this.proveNothingRuns(nodes);
      } finally {
        await this.client?.end();
        await this.database?.drop();
      }
    });
  }

  get databaseUrl(): string {
    if (!this.database) throw new Error('The scene has no database outside of a test');
    return this.database.url;
  }

  start(options?: StartOptions): Promise<TestNode> {
    refuseAfterTest();
    const starting = TestNode.start(this.databaseUrl, options);
    this.starting.push(starting);
    return starting;
  }

  /** Runs SQL beside the service. */
  async sql<Row extends object = Record<string, unknown>>(
    text: string,
    values: unknown[] = [],
  ): Promise<Row[]> {
    if (!this.client) throw new Error('The scene has no database outside of a test');
    const result = await this.client.query<Row>(text, values);
    return result.rows;
  }

  /** The status of an order, straight from its row. */
  async statusOf(orderId: number): Promise<string | undefined> {
    const [row] = await this.sql<{ status: string }>('SELECT status FROM orders WHERE id = $1', [
      orderId,
    ]);
    return row?.status;
  }

  async reaches(orderId: number, status: string): Promise<void> {
    await until(
      `order ${orderId} is ${status}`,
      async () => (await this.statusOf(orderId)) === status,
    );
  }

  /** Inserts orders as they would stand after a crash or in a backlog, and returns their ids in order. */
  async insertOrders(count: number, columns: Record<string, string> = {}): Promise<number[]> {
    const names = Object.keys(columns);
    const rows = await this.sql<{ id: string }>(`
      INSERT INTO orders (user_id, item_ids, item_prices, total_amount${names.map((name) => `, ${name}`).join('')})
      SELECT 2, '{12,3}', '{37.00,18.00}', 55${names.map((name) => `, ${columns[name] ?? 'NULL'}`).join('')}
      FROM generate_series(1, ${count})
      RETURNING id`);
    return rows.map(({ id }) => Number(id));
  }

  /** Invariant I5: the counters equal a GROUP BY over the orders. One statement, so one snapshot for both sides. */
  async expectCountersExact(): Promise<void> {
    const [sides] = await this.sql<{ counted: object; actual: object }>(`
      SELECT
        (SELECT to_json(c) FROM (
          SELECT sum(pending) AS pending, sum(processing) AS processing, sum(completed) AS completed,
            sum(failed) AS failed, sum(cancelled) AS cancelled, sum(processing_us) AS processing_us,
            sum(completion_us) AS completion_us
          FROM order_status_counters) AS c) AS counted,
        (SELECT to_json(a) FROM (
          SELECT count(*) FILTER (WHERE status = 'PENDING') AS pending,
            count(*) FILTER (WHERE status = 'PROCESSING') AS processing,
            count(*) FILTER (WHERE status = 'COMPLETED') AS completed,
            count(*) FILTER (WHERE status = 'FAILED') AS failed,
            count(*) FILTER (WHERE status = 'CANCELLED') AS cancelled,
            coalesce(sum((extract(epoch FROM finished_at - started_at) * 1000000)::bigint)
              FILTER (WHERE status = 'COMPLETED'), 0) AS processing_us,
            coalesce(sum((extract(epoch FROM finished_at - created_at) * 1000000)::bigint)
              FILTER (WHERE status = 'COMPLETED'), 0) AS completion_us
          FROM orders) AS a) AS actual`);
    expect(sides?.counted).toEqual(sides?.actual);
  }

  /** The statuses that an order went through, from the event log. */
  async pathOf(orderId: number): Promise<string[]> {
    const rows = await this.sql<{ to_status: string }>(
      'SELECT to_status FROM order_events WHERE order_id = $1 ORDER BY id',
      [orderId],
    );
    return rows.map(({ to_status }) => to_status);
  }

  private async proveNothingRuns(nodes: readonly TestNode[]): Promise<void> {
    const working = nodes.filter((node) => node.get(ServiceSettings).role !== 'api');
    for (const node of working) expect(node.get(WorkerPool).busy).toBe(0);
    // The server notices a closed connection a moment later.
    await until('no connection of the service is left', async () => {
      const left = await this.sql(
        `SELECT FROM pg_stat_activity
         WHERE datname = current_database() AND application_name LIKE 'order-service%'`,
      );
      return left.length === 0;
    });
  }
}

/** Sends a request and reads the answer's JSON. */
export async function call(
  url: string,
  init: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const { origin, pathname, search } = new URL(url);
  const method = init.method ?? (init.body === undefined ? 'GET' : 'POST');
  const verb = method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
  const answer = await request(origin)
    [verb](pathname + search)
    .set({ 'Content-Type': 'application/json', ...init.headers })
    .send(init.body as object | string | undefined);
  return {
    status: answer.status,
    headers: new Headers(answer.headers),
    body: answer.body as Record<string, unknown>,
  };
}

/** The order of the README. */
export const ORDER = { user_id: 2, item_ids: [12, 3], total_amount: 55 };

/** Creates an order and returns its id. */
export async function createOrder(node: TestNode, order: object = ORDER): Promise<number> {
  const { status, body } = await call(`${node.url}/order/create_order`, { body: order });
  expect(status).toBe(201);
  return Number(body['order_id']);
}
