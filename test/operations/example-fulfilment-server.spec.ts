import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { signatureHeaders } from '../../src/processing/fulfilment/http/webhook-signature';
import { HttpFulfilmentHarness } from '../support/http-fulfilment-harness';
import { onTestEnd, refuseAfterTest } from '../support/running-test';
import { until } from '../support/until';

const SERVER = join(__dirname, '../..', 'examples', 'fulfilment-server.mjs');
const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const OTHER_SECRET = `whsec_${Buffer.alloc(24, 8).toString('base64')}`;

const ORDER = { order_id: 5, user_id: 2, item_ids: [12, 3], total_amount: 55 };

describe('examples/fulfilment-server.mjs', () => {
  let server: ChildProcess | undefined;
  let output = '';
  let url = '';

  async function start(env: Record<string, string> = {}): Promise<void> {
    refuseAfterTest();
    output = '';
    server = spawn(process.execPath, [SERVER], {
      env: { PORT: '0', FULFILMENT_SECRET: SECRET, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    server.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await until('the server says where it listens', () => output.includes('npm start'));
    url = /FULFILMENT_URL=(\S+)/.exec(output)?.[1] ?? '';
  }

  afterEach(async () => {
    if (server?.exitCode === null && server.signalCode === null) {
      server.kill();
      await once(server, 'exit');
    }
  });

  function post(body: string, secret = SECRET, key = 'order-5'): Promise<Response> {
    const signature = signatureHeaders(new Webhook(secret), key, body);
    const headers = { ...signature, 'content-type': 'application/json', 'idempotency-key': key };
    return fetch(url, { method: 'POST', headers, body });
  }

  const effects = () => output.match(/on its way/g)?.length ?? 0;

  it('does the work on an order once, and repeats its first answer', async () => {
    await start();
    const answers = await Promise.all([post(JSON.stringify(ORDER)), post(JSON.stringify(ORDER))]);

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const [first, second] = await Promise.all(answers.map((answer) => answer.text()));
    expect(second).toBe(first);
    await until('it has said so', () => output.includes('asked again'));
    expect(effects()).toBe(1);
    expect(output).toContain('order 5: 2 items for user 2, 55.00');
  });

  it('refuses another body under the same key', async () => {
    await start();
    await post(JSON.stringify(ORDER));
    expect((await post(JSON.stringify({ ...ORDER, user_id: 3 }))).status).toBe(422);
    expect(effects()).toBe(1);
  });

  it('refuses what is signed with another secret, or not at all', async () => {
    await start();
    const body = JSON.stringify(ORDER);
    const unsigned = await fetch(url, {
      method: 'POST',
      headers: { 'idempotency-key': 'order-5' },
      body,
    });
    expect([(await post(body, OTHER_SECRET)).status, unsigned.status]).toEqual([401, 401]);
    expect(effects()).toBe(0);
  });

  it.each([
    ['no JSON', '{', 422],
    ['no order', '{"order_id":"5"}', 422],
    ['too large', 'x'.repeat(100_000), 413],
  ])('refuses a body that is %s, and lives on', async (_, body, status) => {
    await start();
    expect((await post(body)).status).toBe(status);
    expect((await post(JSON.stringify(ORDER))).status).toBe(200);
  });

  it('fails as often as it is told to, without an effect', async () => {
    await start({ FAIL_RATE: '1' });
    const answer = await post(JSON.stringify(ORDER));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(effects()).toBe(0);
  });

  it('fulfils what the service sends, once in two attempts', async () => {
    await start();
    const harness = await HttpFulfilmentHarness.start();
    onTestEnd(() => harness.stop());
    const fulfilment = harness.fulfilment({ FULFILMENT_URL: url, FULFILMENT_SECRET: SECRET });
    await harness.fulfil(fulfilment);
    await harness.fulfil(fulfilment);

    await until('it has said so', () => output.includes('asked again'));
    expect(effects()).toBe(1);
  });

  it('never prints its secret', async () => {
    await start();
    expect(output).not.toContain(SECRET.slice('whsec_'.length));
  });
});
