import { exampleOf } from '../../src/http/problems/problem';
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from '../../src/http/problems/problem-catalog';
import { expectProblem } from '../support/problem';
import { call, ORDER, Scene, type TestNode } from '../support/service';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

type Call = Parameters<typeof call>[1];

const create = (order: object, headers = {}): [string, Call] => [
  '/order/create_order',
  { body: { ...ORDER, ...order }, headers },
];
const post = (path: string): [string, Call] => [path, { method: 'POST' }];
const get = (path: string, headers = {}): [string, Call] => [path, { headers }];

/** A request for each example of the catalog that a healthy node answers with. */
const PROVOKED: readonly [ProblemCode, readonly [string, Call]][] = [
  ['malformed_path', get('/order/get_order/%ZZ')],
  ['invalid_idempotency_key', create({}, { 'Idempotency-Key': '' })],
  ['body_too_large', create({ note: 'x'.repeat(100_000) })],
  [
    'unsupported_media_type',
    [
      '/order/create_order',
      { method: 'POST', body: 'a', headers: { 'Content-Type': 'text/plain' } },
    ],
  ],
  ['unsupported_encoding', create({}, { 'Content-Encoding': 'zip' })],
  ['unsupported_charset', create({}, { 'Content-Type': 'application/json; charset=x' })],
  ['precondition_failed', get('/docs/swagger-ui.css', { 'If-Match': '"other"' })],
  ['range_not_satisfiable', get('/docs/swagger-ui.css', { Range: 'bytes=99999999-' })],
  ['validation_failed', create({ user_id: 0 })],
  ['order_not_found', get('/order/get_order/999')],
  ['cancel_too_late', post('/order/cancel_order/2')],
  ['not_failed', post('/order/retry_order/2')],
  ['unknown_user', create({ user_id: 999 })],
  ['unknown_item', create({ item_ids: [12, 888] })],
  ['total_mismatch', create({ total_amount: 54 })],
  ['unknown_route', get('/orders')],
  ['unknown_problem_code', get('/problems/nothing')],
];

describe('problems', () => {
  const scene = new Scene();

  async function pageOf(node: TestNode, path: string, accept: string) {
    const response = await fetch(`${node.url}${path}`, { headers: { accept } });
    return { type: response.headers.get('content-type'), text: await response.text() };
  }

  it('are answered as their examples in the catalog say', async () => {
    const node = await scene.start();
    for (const [code, [path, init]] of PROVOKED) {
      const answer = await call(`${node.url}${path}`, init);
      expectProblem(answer, PROBLEMS[code].status, code);
      expect(answer.body).toEqual(exampleOf(code));
    }
    const key = { 'Idempotency-Key': 'k' };
    for (const total_amount of [55, 54]) {
      const [path, init] = create({ total_amount }, key);
      const { body, status } = await call(`${node.url}${path}`, init);
      if (status !== 201) expect(body).toEqual(exampleOf('idempotency_key_reused'));
      else expect(total_amount).toBe(55);
    }
  });

  it('are explained by the page that their type points at', async () => {
    const node = await scene.start();
    for (const code of PROBLEM_CODES) {
      const { type } = exampleOf(code);
      const { status, headers, body } = await call(new URL(type, node.url).href);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(headers.get('vary')).toContain('Accept');
      const { title, cause, remedy } = PROBLEMS[code];
      expect(body).toMatchObject({ code, title, cause, remedy, example: exampleOf(code) });
    }
  });

  it('are explained in HTML to browsers only', async () => {
    const node = await scene.start();
    const { type, text } = await pageOf(node, '/problems/total_mismatch', BROWSER);
    expect(type).toBe('text/html; charset=utf-8');
    expect(text).toContain('<h1>Total amount does not match the items</h1>');
    expect(text).not.toMatch(/src=|href=|<script/);
    for (const accept of ['*/*', 'application/json', 'image/png'])
      expect((await pageOf(node, '/problems/total_mismatch', accept)).type).toContain('json');
  });

  it('have no page for a name that every object has', async () => {
    const node = await scene.start();
    for (const name of ['constructor', '__proto__', 'toString', 'total_mismatch%00']) {
      expectProblem(await call(`${node.url}/problems/${name}`), 404, 'unknown_problem_code');
    }
  });
});
