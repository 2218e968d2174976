import { connect } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import {
  anything,
  assert,
  asyncProperty,
  constantFrom,
  double,
  integer,
  json,
  oneof,
  option,
  record,
  string,
  stringMatching,
  webQueryParameters,
} from 'fast-check';
import { expectProblem } from '../support/problem';
import { call, createOrder, ORDER, Scene, type TestNode } from '../support/service';

/** Each run is a request; together they stay within seconds. */
const RUNS = { numRuns: 150 };

const create = (node: TestNode, body: unknown, headers?: Record<string, string>) =>
  call(`${node.url}/order/create_order`, { body, ...(headers && { headers }) });

/** An answer that a caller can act on: it worked, or it says what is wrong with the request. */
function expectNoFault(answer: Awaited<ReturnType<typeof call>>): void {
  expect(answer.status).toBeLessThan(500);
  if (answer.status >= 400) expectProblem(answer, answer.status, String(answer.body['code']));
}

describe('bad input of every kind', () => {
  const scene = new Scene();

  /** Sends bytes as they are and gives all that comes back. */
  async function send(node: TestNode, bytes: string): Promise<string> {
    const socket = connect(Number(new URL(node.url).port), '127.0.0.1');
    socket.end(bytes);
    return readAll(socket);
  }

  it('refuses bodies that are no JSON, too large, or of another type', async () => {
    const node = await scene.start({ settings: { bodyLimitBytes: 2_048 } });
    for (const text of ['{', '{"a":1,}', "{'a':1}", 'NaN', 'nul', '{"user_id": 2', '\0']) {
      expectProblem(await create(node, text), 400, 'malformed_json');
    }
    const large = JSON.stringify({ ...ORDER, note: 'x'.repeat(2_048) });
    expectProblem(await create(node, large), 413, 'body_too_large');
    const text = JSON.stringify(ORDER);
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded']) {
      const answer = await create(node, text, { 'Content-Type': type });
      expectProblem(answer, 415, 'unsupported_media_type');
    }
    const charset = await create(node, text, { 'Content-Type': 'application/json; charset=x' });
    expectProblem(charset, 415, 'unsupported_charset');
    const encoding = await create(node, text, { 'Content-Encoding': 'zip' });
    expectProblem(encoding, 415, 'unsupported_encoding');
    expect(await scene.sql('SELECT FROM orders WHERE id > 5')).toEqual([]);
  });

  it('refuses JSON that is no object, however it is sent', async () => {
    const node = await scene.start();
    for (const text of ['5', 'null', '"text"', 'true', '[]', '[{"user_id": 2}]']) {
      for (const type of ['application/json', 'application/json; charset="utf-8"']) {
        const answer = await create(node, text, { 'Content-Type': type });
        expect(expectProblem(answer, 422, 'validation_failed')).toEqual([
          { pointer: '', message: 'must be an object' },
        ]);
      }
    }
  });

  it('reads bodies with oddities as JSON.parse does', async () => {
    const node = await scene.start();
    const doubled =
      '{"user_id": 7, "item_ids": [1], "user_id": 2, "item_ids": [12, 3], "total_amount": 55}';
    expect((await create(node, doubled)).body).toMatchObject(ORDER);
    for (const total of ['1e400', '-1e400', '5.5e1000']) {
      const answer = await create(
        node,
        `{"user_id": 2, "item_ids": [12], "total_amount": ${total}}`,
      );
      expect(expectProblem(answer, 422, 'validation_failed')).toHaveLength(1);
    }
    expect((await create(node, JSON.stringify(ORDER).replace('55', '5.5e1'))).status).toBe(201);
    for (const text of [
      JSON.stringify({ ...ORDER, user_id: '\0' }),
      JSON.stringify(ORDER).replace('{', '{"__proto__": {"user_id": 1}, '),
      JSON.stringify(ORDER).replace('{', '{"constructor": 1, "toString": 2, '),
      `{"user_id": 2, "item_ids": ${'['.repeat(10_000)}${']'.repeat(10_000)}, "total_amount": 55}`,
      JSON.stringify({ ...ORDER, item_ids: new Array<number>(20_000).fill(12) }),
    ]) {
      expectProblem(await create(node, text), 422, 'validation_failed');
    }
  });

  it('survives requests that break off or are none', async () => {
    const node = await scene.start();
    const head =
      'POST /order/create_order HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    for (const bytes of [
      `${head}Content-Length: 100\r\n\r\n{"user_id": 2,`,
      `${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{"use`,
      `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{"use`,
      `${head}Content-Length: x\r\n\r\n`,
      'nonsense\r\n\r\n',
      'GET /order/get_order/1 HTTP/1.1\r\n',
    ]) {
      expect(await send(node, bytes)).not.toMatch(/^HTTP\/1.1 5/);
    }
    await scene.reaches(await createOrder(node), 'COMPLETED');
  });

  it('never answers a body with a 500', async () => {
    const node = await scene.start();
    const value = oneof(
      { weight: 3, arbitrary: integer({ min: 1, max: 30 }) },
      anything(),
      double(),
      string({ unit: 'binary' }),
    );
    const orders = record(
      { user_id: value, item_ids: oneof(value, constantFrom([12, 3], [])), total_amount: value },
      { requiredKeys: [] },
    ).map((order) => safeJson(order));
    const bodies = oneof(orders, json(), string({ unit: 'binary' }));
    const types = constantFrom('application/json', 'application/json; charset=utf-16', 'text/json');
    await assert(
      asyncProperty(bodies, option(types), async (body, type) => {
        expectNoFault(await create(node, body, type === null ? {} : { 'Content-Type': type }));
      }),
      RUNS,
    );
    await node.close();
    await scene.expectCountersExact();
  });

  it('never answers a path with a 500', async () => {
    const node = await scene.start();
    const ids = oneof(stringMatching(/^-?[0-9]{1,40}(\.[0-9]+)?$/), string({ minLength: 1 }));
    const routes = constantFrom(
      'GET get_order',
      'POST cancel_order',
      'POST retry_order',
      'GET order_history',
    );
    await assert(
      asyncProperty(routes, ids, async (route, id) => {
        const [method = '', name = ''] = route.split(' ');
        const url = `${node.url}/order/${name}/${encodeURIComponent(id)}`;
        expectNoFault(await call(url, { method }));
      }),
      RUNS,
    );
  });

  it('never answers a query with a 500', async () => {
    const node = await scene.start();
    const names = constantFrom(
      'status',
      'user_id',
      'created_after',
      'created_before',
      'limit',
      'cursor',
    );
    const values = oneof(
      string(),
      stringMatching(/^-?[0-9]{1,20}$/),
      stringMatching(/^[+-]?[0-9]{4,6}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:00Z$/),
      constantFrom('PENDING', '20', 'null', '-271821-04-20T00:00:00Z', '+275760-09-13T00:00:00Z'),
      stringMatching(/^v1:[0-9]{1,16}$/).map((text) => Buffer.from(text).toString('base64url')),
    ).map(encodeURIComponent);
    const queries = oneof(
      {
        weight: 3,
        arbitrary: record({ name: names, value: values }).map(
          ({ name, value }) => `${name}=${value}`,
        ),
      },
      webQueryParameters(),
    );
    await assert(
      asyncProperty(queries, async (query) => {
        expectNoFault(await call(`${node.url}/order/list_orders?${query}`));
      }),
      { numRuns: 300 },
    );
  });

  it('never answers a header with a 500', async () => {
    const node = await scene.start();
    const keys = stringMatching(/^[\x20-\x7e\x80-\xff]{0,300}$/);
    await assert(
      asyncProperty(keys, async (key) => {
        expectNoFault(await create(node, ORDER, { 'Idempotency-Key': key }));
      }),
      RUNS,
    );
    await node.close();
    await scene.expectCountersExact();
  });
});

/** What JSON has no word for is left out. */
function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === 'bigint' ? String(inner) : inner,
    );
  } catch {
    return '{';
  }
}
