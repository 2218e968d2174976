import { Client } from 'pg';
import { HistoryService, LOG_START, type HistoryEvent } from '../../src/history/history.service';
import { expectProblem, pointersOf } from '../support/problem';
import { call, createOrder, Scene, type TestNode } from '../support/service';
import { until } from '../support/until';

/** Reads on from where it was, as the live stream does, and keeps all that it was shown. */
class Reader {
  readonly events: HistoryEvent[] = [];

  constructor(
    private readonly history: HistoryService,
    private readonly limit = 100,
  ) {}

  get orderIds(): number[] {
    return this.events.map(({ orderId }) => orderId);
  }

  async readOn(): Promise<number> {
    const { position } = this.events.at(-1) ?? { position: LOG_START };
    const page = await this.history.readAfter(position, this.limit);
    expect(page.length).toBeLessThanOrEqual(this.limit);
    this.events.push(...page);
    return page.length;
  }

  /** Other transactions of the whole cluster, such as vacuum's, may hold an event back for a moment. */
  async readUntil(orderId: number): Promise<void> {
    await until(`the log shows order ${orderId}`, async () => {
      while ((await this.readOn()) > 0);
      return this.orderIds.includes(orderId);
    });
  }
}

const historyOf = (node: TestNode, id: number | string) =>
  call(`${node.url}/order/order_history/${id}`);

describe('the history', () => {
  let writers: Client[] = [];

  // Before the scene drops its database: hooks run in the order in which they are defined.
  afterEach(async () => {
    await Promise.all(writers.map((client) => client.end()));
    writers = [];
  });

  const scene = new Scene();

  /** A connection of a test's own, for transactions that stay open. */
  async function writer(): Promise<Client> {
    const client = new Client({ connectionString: scene.databaseUrl, application_name: 'test' });
    writers.push(client);
    await client.connect();
    return client;
  }

  async function insertBy(client: Client): Promise<number> {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO orders (user_id, item_ids, item_prices, total_amount, next_attempt_at)
       VALUES (2, '{12}', '{37}', 37, now() + interval '1 hour') RETURNING id`,
    );
    return Number(rows[0]?.id);
  }

  it('shows what happened to an order, oldest first', async () => {
    const node = await scene.start({ held: true });
    const id = await createOrder(node);
    await node.fulfilment.holds(id);
    node.fulfilment.fail(id, 'out of paper');
    await until('the second attempt runs', () => node.fulfilment.started.length === 2);
    node.fulfilment.complete(id);
    await scene.reaches(id, 'COMPLETED');
    const { status, body } = await historyOf(node, id);
    expect(status).toBe(200);
    expect(body['order_id']).toBe(id);
    const events = body['events'] as Record<string, unknown>[];
    const step = (from_status: string | null, to_status: string, attempt: number) => ({
      from_status,
      to_status,
      attempt,
      detail: null,
      event_id: expect.any(Number) as number,
      at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    expect(events).toEqual([
      step(null, 'PENDING', 0),
      step('PENDING', 'PROCESSING', 1),
      { ...step('PROCESSING', 'PENDING', 1), detail: 'out of paper' },
      step('PENDING', 'PROCESSING', 2),
      step('PROCESSING', 'COMPLETED', 2),
    ]);
    const ids = events.map(({ event_id }) => Number(event_id));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    const moments = events.map(({ at }) => String(at));
    expect(moments).toEqual([...moments].sort());
  });

  it('knows no order that is not there', async () => {
    const node = await scene.start();
    expectProblem(await historyOf(node, 999), 404, 'order_not_found');
    expect(pointersOf(await historyOf(node, 'x'))).toEqual(['/order_id']);
  });

  it('I6: holds back what came after a transaction that may still commit', async () => {
    const node = await scene.start();
    const reader = new Reader(node.get(HistoryService));
    await reader.readUntil(5);
    const slow = await writer();
    await slow.query('BEGIN');
    const first = await insertBy(slow);
    // Committed, and with a higher number than the event that is not visible yet.
    const later = [await createOrder(node), await createOrder(node)];
    for (const id of later) await scene.reaches(id, 'COMPLETED');
    expect(await reader.readOn()).toBe(0);
    await slow.query('COMMIT');
    await reader.readUntil(later[1] ?? 0);
    expect(reader.orderIds.slice(5, 7)).toEqual([first, later[0]]);
    expect(new Set(reader.events.map(({ id }) => id)).size).toBe(reader.events.length);
  });

  it('I6: waits for nothing that was rolled back', async () => {
    const node = await scene.start();
    const reader = new Reader(node.get(HistoryService));
    const slow = await writer();
    await slow.query('BEGIN');
    const never = await insertBy(slow);
    const id = await createOrder(node);
    await slow.query('ROLLBACK');
    await reader.readUntil(id);
    expect(reader.orderIds).not.toContain(never);
  });

  it('I6: loses and doubles nothing in small pages while many write', async () => {
    const node = await scene.start({ settings: { workerCount: 8 } });
    const reader = new Reader(node.get(HistoryService), 3);
    const clients = await Promise.all(Array.from({ length: 5 }, () => writer()));
    const write = async (client: Client) => {
      for (let round = 0; round < 10; round += 1) {
        await client.query('BEGIN');
        const count = 1 + Math.floor(Math.random() * 4);
        for (let insert = 0; insert < count; insert += 1) await insertBy(client);
        // Some transactions stay open while others come and go.
        await client.query('SELECT pg_sleep($1)', [Math.random() * 0.02]);
        await client.query(Math.random() < 0.2 ? 'ROLLBACK' : 'COMMIT');
      }
    };
    const written = new AbortController();
    const reading = (async () => {
      while (!written.signal.aborted) await reader.readOn();
    })();
    await Promise.all([
      ...clients.map(write),
      ...Array.from({ length: 40 }, () => createOrder(node)),
    ]);
    written.abort();
    await reading;
    await until('all orders of the service are processed', async () => {
      const due = await scene.sql(
        `SELECT FROM orders WHERE status IN ('PENDING', 'PROCESSING') AND next_attempt_at <= now()`,
      );
      return due.length === 0;
    });
    await reader.readUntil(await createOrder(node));
    await scene.reaches(Math.max(...reader.orderIds), 'COMPLETED');
    const all = await scene.sql<{ id: number }>('SELECT id::int FROM order_events ORDER BY id');
    await until('the log is shown to its end', async () => {
      while ((await reader.readOn()) > 0);
      return reader.events.length >= all.length;
    });
    const seen = reader.events.map(({ id }) => id);
    expect([...seen].sort((a, b) => a - b)).toEqual(all.map(({ id }) => id));
    for (const { orderId } of reader.events) {
      const path = reader.events.filter((event) => event.orderId === orderId);
      path.forEach(({ fromStatus }, index) => {
        expect(fromStatus).toBe(path[index - 1]?.toStatus ?? null);
      });
    }
  });
});
