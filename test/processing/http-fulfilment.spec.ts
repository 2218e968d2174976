import type { ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { FulfilmentFailed, FulfilmentRefused } from '../../src/processing/fulfilment/fulfilment';
import { MAX_ANSWER_BYTES } from '../../src/processing/fulfilment/http/http-fulfilment';
import { MAX_RETRY_AFTER_MS } from '../../src/processing/fulfilment/http/retry-after';
import { breakOff, respond, sendForever } from '../support/http-endpoint';
import { HttpFulfilmentHarness } from '../support/http-fulfilment-harness';
import { until } from '../support/until';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const OTHER_SECRET = `whsec_${Buffer.alloc(24, 8).toString('base64')}`;

describe('HttpFulfilment', () => {
  let harness: HttpFulfilmentHarness;

  beforeEach(async () => {
    harness = await HttpFulfilmentHarness.start();
  });

  afterEach(() => harness.stop());

  describe('asking', () => {
    it('posts the order as JSON under a key of its own', async () => {
      await harness.fulfil(harness.fulfilment());

      const [request] = harness.endpoint.received;
      expect(request).toMatchObject({
        method: 'POST',
        path: '/orders?shop=1',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'order-5' },
      });
      expect(JSON.parse(request?.body ?? '')).toEqual({
        order_id: 5,
        user_id: 2,
        item_ids: [12, 3],
        total_amount: 55.5,
        created_at: '2026-11-23T09:30:00.000Z',
      });
    });

    it('repeats key, body and trace in each attempt, over one connection', async () => {
      const fulfilment = harness.fulfilment({ FULFILMENT_SECRET: SECRET, WORKER_COUNT: '1' });
      harness.endpoint.answer = respond(503);
      await harness.failure(fulfilment);
      await harness.failure(fulfilment);

      const [first, second] = harness.endpoint.received.map(({ headers, body }) => ({
        body,
        key: headers['idempotency-key'],
        webhook: headers['webhook-id'],
        trace: headers['traceparent']?.split('-')[1],
      }));
      expect(second).toEqual(first);
      expect(first).toMatchObject({ key: 'order-5', webhook: 'order-5' });
      expect(first?.trace).toMatch(/^[0-9a-f]{32}$/);
      expect(harness.endpoint.connections.opened).toBe(1);
    });

    it('signs what it sends', async () => {
      await harness.fulfil(harness.fulfilment({ FULFILMENT_SECRET: SECRET }));

      const { body = '', headers = {} } = harness.endpoint.received[0] ?? {};
      const verify = (secret: string, text: string) => new Webhook(secret).verify(text, headers);
      expect(verify(SECRET, body)).toMatchObject({ order_id: 5 });
      expect(() => verify(OTHER_SECRET, body)).toThrow('No matching signature');
      expect(() => verify(SECRET, body.replace('55.5', '5.55'))).toThrow('No matching signature');
    });

    it('signs nothing without a secret', async () => {
      await harness.fulfil(harness.fulfilment());
      expect(harness.endpoint.received[0]?.headers).not.toHaveProperty('webhook-signature');
    });
  });

  describe('answers', () => {
    it.each([200, 201, 202, 204])('%i completes the order', async (status) => {
      harness.endpoint.answer = respond(status);
      await expect(harness.fulfil(harness.fulfilment())).resolves.toBeUndefined();
    });

    it.each([408, 425, 429, 500, 501, 502, 503, 504])('%i may be asked again', async (status) => {
      harness.endpoint.answer = respond(status, 'not now');
      const failure = await harness.failure(harness.fulfilment());
      expect(failure).toBeInstanceOf(FulfilmentFailed);
      expect(failure).toMatchObject({
        message: `answered ${status}: not now`,
        retryAfterMs: undefined,
      });
    });

    it.each([400, 401, 404, 409, 410, 422])('%i refuses the order', async (status) => {
      harness.endpoint.answer = respond(status, 'item\0 12\r\nis sold out', { 'retry-after': '7' });
      const failure = await harness.failure(harness.fulfilment());
      expect(failure).toBeInstanceOf(FulfilmentRefused);
      expect(failure).toMatchObject({ message: `answered ${status}: item 12 is sold out` });
    });

    it.each([301, 302, 304, 307, 308])('%i is not followed', async (status) => {
      harness.endpoint.answer = respond(status, '', { location: harness.endpoint.url });
      expect(await harness.failure(harness.fulfilment())).toEqual(
        new FulfilmentRefused(`answered ${status}`),
      );
      expect(harness.endpoint.received).toHaveLength(1);
    });

    it.each([
      ['seconds', '7', 7_000],
      ['more than the limit', '999999', MAX_RETRY_AFTER_MS],
      ['a date far off', 'Fri, 01 Jan 2100 00:00:00 GMT', MAX_RETRY_AFTER_MS],
      ['a date that is over', 'Sun, 06 Nov 1994 08:49:37 GMT', 0],
    ])('heed Retry-After: %s', async (_, header, retryAfterMs) => {
      harness.endpoint.answer = respond(429, '', { 'retry-after': header });
      expect(await harness.failure(harness.fulfilment())).toMatchObject({ retryAfterMs });
    });

    it.each([
      [200, 'fulfilled'],
      [422, expect.any(FulfilmentRefused)],
      [500, expect.any(FulfilmentFailed)],
    ])('%i without end is read up to a bound, and hung up on', async (status, expected) => {
      let sent = 0;
      harness.endpoint.answer = (response) => {
        response.writeHead(status);
        sendForever(response, (bytes) => (sent += bytes));
      };

      expect(await harness.failure(harness.fulfilment())).toEqual(expected);
      await until('the connection is closed', () => harness.endpoint.connections.open === 0);
      // The rest is what the sockets' buffers took.
      expect(sent).toBeLessThan(200 * MAX_ANSWER_BYTES);
    });
  });

  describe('no answer', () => {
    it('fails the attempt when the connection is refused, without revealing the address', async () => {
      const fulfilment = harness.fulfilment();
      await harness.endpoint.stop();

      const failure = await harness.failure(fulfilment);
      expect(failure).toBeInstanceOf(FulfilmentFailed);
      expect(failure).toMatchObject({ message: 'no complete answer: ECONNREFUSED' });
    });

    it.each([
      ['before', (response: ServerResponse) => void response.destroy()],
      ['amid', breakOff],
    ])('fails it when the connection breaks off %s the answer', async (_, answer) => {
      harness.endpoint.answer = answer;
      const failure = await harness.failure(harness.fulfilment());
      expect(failure).toBeInstanceOf(FulfilmentFailed);
      expect(String(failure)).toContain('no complete answer: ');
    });

    it.each([
      ['does not begin', () => undefined],
      ['does not end', (response: ServerResponse) => void response.writeHead(200).write('{')],
    ])('fails it when the answer %s in time', async (_, answer) => {
      harness.endpoint.answer = answer;
      const failure = await harness.failure(harness.fulfilment({ FULFILMENT_TIMEOUT_MS: '100' }));
      expect(failure).toEqual(new FulfilmentFailed('no complete answer within 100 ms'));
      await until('the connection is closed', () => harness.endpoint.connections.open === 0);
    });
  });

  describe('its signal', () => {
    it.each([
      ['before the answer', () => undefined],
      ['amid the answer', (response: ServerResponse) => void response.writeHead(200).write('{')],
    ])('ends the call %s', async (_, answer) => {
      const abort = new AbortController();
      harness.endpoint.answer = answer;
      const failure = harness.failure(harness.fulfilment(), 5, abort.signal);
      await until('the order has arrived', () => harness.endpoint.received.length === 1);
      abort.abort(new Error('shutdown'));

      expect(await failure).toEqual(new Error('shutdown'));
      await until('the connection is closed', () => harness.endpoint.connections.open === 0);
    });

    it('keeps an aborted attempt from starting', async () => {
      const signal = AbortSignal.abort(new Error('lost'));
      expect(await harness.failure(harness.fulfilment(), 5, signal)).toEqual(new Error('lost'));
      expect(harness.endpoint.received).toEqual([]);
    });
  });

  it('closes its connections at shutdown', async () => {
    const fulfilment = harness.fulfilment();
    await harness.fulfil(fulfilment);
    expect(harness.endpoint.connections.open).toBe(1);

    await fulfilment.onApplicationShutdown();
    await until('no connection is left', () => harness.endpoint.connections.open === 0);
  });
});
