import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { readJsonBodies } from '../../src/http/express/json-bodies';
import { StablePrototypeAdapter } from '../../src/http/express/stable-prototype.adapter';
import { AdapterApp } from '../support/adapter-app';
import { exchange, post, request } from '../support/raw-http';

const MODIFIED_AT = new Date('2026-01-02T03:04:05Z');
const SINCE = { 'If-Modified-Since': MODIFIED_AT.toUTCString() };

/** Bytes of a body. */
const LIMIT = 1_000;

/** Name, request, and how the answer starts, lest two wrong answers pass for the same. */
const CASES: [string, string, string][] = [
  ['a request', request('GET /request?a=1&b=x&b=y&c[d]=2', { 'X-Some': 'thing' }), '200'],
  ['proxy headers', request('GET /request', { 'X-Forwarded-For': '10.0.0.1' }), '200'],
  ['what is accepted', request('GET /request', { Accept: 'text/html', Range: 'bytes=0-9' }), '200'],
  ['an absolute target', request('GET http://other.example/request?a=1'), '200'],
  ['JSON', request('GET /json'), '200'],
  ['HEAD of JSON', request('HEAD /json'), '200'],
  ['status, type, headers and cookie', request('GET /typed'), '418'],
  ['bytes', request('GET /bytes'), '200'],
  ['an empty answer', request('GET /none'), '204'],
  ['text', request('GET /text'), '200'],
  ['HEAD of text', request('HEAD /text'), '200'],
  ['a redirect', request('GET /moved', { Accept: 'text/html' }), '301'],
  ['a sent file', request('GET /file'), '200'],
  ['HEAD of a sent file', request('HEAD /file'), '200'],
  ['part of a sent file', request('GET /file', { Range: 'bytes=1-3' }), '206'],
  ['a sent file that has not changed', request('GET /file', SINCE), '304'],
  ['a download', request('GET /download'), '200'],
  ['a stream', request('GET /stream'), '200'],
  ['HEAD of a stream', request('HEAD /stream'), '200'],
  ['events', request('GET /events'), '200'],
  ['a static file', request('GET /static/page.html'), '200'],
  ['a static file that has not changed', request('GET /static/page.html', SINCE), '304'],
  ['no such static file', request('GET /static/none.html'), '404'],
  ['a static path that climbs', request('GET /static/..%2f..%2fetc%2fpasswd'), '4'],
  ['Swagger UI', request('GET /docs'), '200'],
  ["Swagger UI's style", request('GET /docs/swagger-ui.css'), '200'],
  ['the OpenAPI document', request('GET /docs-json'), '200'],
  ['a mounted application', request('GET /mounted/inside'), '200'],
  ['past a mounted application', request('GET /mounted/outside'), '404'],
  ['no such route', request('GET /nowhere'), '404'],
  ['no such method', request('PUT /text'), '404'],
  ['OPTIONS', request('OPTIONS /text'), '404'],
  ['a thrown error', request('GET /throws'), '500'],
  ['a thrown HTTP error', request('DELETE /forbidden'), '403'],
  ['an error in a middleware', request('GET /fails'), '500'],
  ['a rejection in a middleware', request('GET /rejects'), '500'],
  ['a body', post('/body', '{"a": [1, null]}'), '201'],
  ['a body in chunks', chunked('{"a":', '1}'), '201'],
  ['one value in chunks', chunked('"te', 'xt"'), '201'],
  ['a body that is announced', post('/body', '{"a": 1}', { Expect: '100-continue' }), '100'],
  ['an unknown expectation', post('/body', '{"a": 1}', { Expect: 'much' }), '417'],
  ['an empty body', post('/body', ''), '201'],
  ['a body of another type', post('/body', 'a=1', { 'Content-Type': 'text/plain' }), '201'],
  ['a body that is not JSON', post('/body', '{"a": '), '400'],
  ['a body of one value', post('/body', ' "text"'), '201'],
  ['null', post('/body', 'null'), '201'],
  ['white space', post('/body', ' \r\n'), '400'],
  ['UTF-8 in two pieces', post('/body', '"\xc3\xa4\xff\xe2\x82"'), '201'],
  ['a byte order mark', post('/body', '\xef\xbb\xbf{"a": 1}'), '201'],
  ['a body that names its charset', typedBody('application/json; charset=utf-8'), '201'],
  ['a body that quotes its charset', typedBody('application/json; charset="UTF-8"'), '201'],
  ['a body of a type in capitals', typedBody('Application/JSON'), '201'],
  ['a body of a type like JSON', typedBody('application/vnd.api+json'), '201'],
  ['a body in UTF-16', typedBody('application/json; charset=utf-16'), '400'],
  ['a compressed body', compressed('{"a": 1}'), '201'],
  ['a body of the largest size', post('/body', `"${'x'.repeat(LIMIT - 2)}"`), '201'],
  ['a body one byte too large', post('/body', `"${'x'.repeat(LIMIT - 1)}"`), '413'],
  ['a body that is too large', post('/body', `"${'x'.repeat(2 * LIMIT)}"`), '413'],
  [
    'an unknown charset',
    post('/body', '{}', { 'Content-Type': 'application/json; charset=x' }),
    '4',
  ],
  ['an unknown encoding', post('/body', '{}', { 'Content-Encoding': 'x' }), '415'],
  ['an object', request('GET /item/a'), '200'],
  ['HEAD of an object', request('HEAD /item/a'), '200'],
  ['a list', request('GET /list'), '200'],
  ['an object with a type of its own', request('GET /typed-object'), '200'],
  ['an object with a status that allows none', request('GET /nothing'), '204'],
  ['an object unless there is any', request('GET /list', { 'If-None-Match': '*' }), '304'],
  ['an object that has not changed', request('GET /dated', SINCE), '304'],
  ['an error as an object', request('GET /error'), '200'],
  ['a parameter', request('GET /item/a%20b'), '200'],
  ['a parameter that cannot be decoded', request('GET /item/%E0%A4%A'), '400'],
  ['several requests at once', `${pipelined('/text')}${request('GET /json')}`, '200'],
  ['HTTP/1.0', 'GET /request HTTP/1.0\r\n\r\n', '200'],
  ['no host', 'GET /text HTTP/1.1\r\nConnection: close\r\n\r\n', '400'],
  ['an unknown method', request('FETCH /text'), '400'],
  ['not HTTP', 'hello\r\n\r\n', '400'],
  ['two lengths', request('POST /body', { 'Content-Length': '1\r\nContent-Length: 2' }), '400'],
  ['a header that is too large', request('GET /text', { 'X-Some': 'x'.repeat(20_000) }), '431'],
];

/** An answer less what ours leaves out on purpose, and the time. */
function comparable(answer: string): string {
  return answer.replace(/^(Date|X-Powered-By|ETag): .*\r\n/gim, '');
}

function chunked(...parts: string[]): string {
  const body = [...parts, ''].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('');
  const headers = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' };
  return request('POST /body', headers, body);
}

function typedBody(type: string): string {
  return post('/body', '{"a": [1, null]}', { 'Content-Type': type });
}

function compressed(body: string): string {
  return post('/body', gzipSync(body).toString('latin1'), { 'Content-Encoding': 'gzip' });
}

function pipelined(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: shop.example\r\n\r\n`;
}

type Prototypes = readonly [unknown, unknown];

/** The prototypes of a request and its response as Node made them, and in a middleware behind Express. */
async function prototypesIn(node: AdapterApp): Promise<{ made: Prototypes; seen: Prototypes[] }> {
  let made: Prototypes = [undefined, undefined];
  seenPrototypes.length = 0;
  node.server.prependOnceListener('request', (req: IncomingMessage, res: ServerResponse) => {
    made = [Object.getPrototypeOf(req), Object.getPrototypeOf(res)];
  });
  await exchange(node.port, request('GET /mounted/outside'));
  return { made, seen: [...seenPrototypes] };
}

const seenPrototypes: Prototypes[] = [];

function lookAtPrototypes(req: Request, res: Response, next: NextFunction): void {
  seenPrototypes.push([Object.getPrototypeOf(req), Object.getPrototypeOf(res)]);
  res.on('finish', () => {
    seenPrototypes.push([Object.getPrototypeOf(req), Object.getPrototypeOf(res)]);
  });
  next();
}

describe('StablePrototypeAdapter', () => {
  let stock: AdapterApp;
  let ours: AdapterApp;

  beforeAll(async () => {
    const adapters = [new ExpressAdapter(), new StablePrototypeAdapter()] as const;
    for (const adapter of adapters) adapter.use(lookAtPrototypes);
    stock = await AdapterApp.start(adapters[0], MODIFIED_AT, (app) => {
      app.useBodyParser('json', { limit: LIMIT, strict: false });
    });
    ours = await AdapterApp.start(adapters[1], MODIFIED_AT, (app) => {
      readJsonBodies(app, LIMIT);
    });
  });
  afterAll(() => Promise.all([stock.close(), ours.close()]));

  it.each(CASES)('answers as Express does: %s', async (_name, bytes, start) => {
    const [expected, actual] = await Promise.all([
      exchange(stock.port, bytes),
      exchange(ours.port, bytes),
    ]);
    expect(expected).toMatch(new RegExp(`^HTTP/1\\.1 ${start}`));
    expect(comparable(actual)).toBe(comparable(expected));
  });

  it('says neither what it runs on nor what an answer hashes to', async () => {
    const answer = await exchange(ours.port, request('GET /json'));
    expect(answer).not.toMatch(/^(X-Powered-By|ETag):/im);
  });

  it('leaves the hashes of static files alone', async () => {
    const first = await exchange(ours.port, request('GET /static/page.html'));
    const etag = /^ETag: (.*)\r\n/im.exec(first)?.[1] ?? '';
    const again = request('GET /static/page.html', { 'If-None-Match': etag });
    expect(await exchange(ours.port, again)).toMatch(/^HTTP\/1\.1 304/);
  });

  it('lets a request and its response keep the prototypes that Node made them with', async () => {
    const { made, seen } = await prototypesIn(ours);
    expect(seen).toHaveLength(2);
    for (const [req, res] of seen) {
      expect(req).toBe(made[0]);
      expect(res).toBe(made[1]);
    }
  });

  it('differs in that from the stock adapter', async () => {
    const { made, seen } = await prototypesIn(stock);
    expect(seen[0]?.[0]).not.toBe(made[0]);
    expect(seen[0]?.[1]).not.toBe(made[1]);
  });

  it("keeps Node's timeouts", () => {
    const { keepAliveTimeout, headersTimeout, requestTimeout, timeout } = stock.server;
    expect(ours.server).toMatchObject({
      keepAliveTimeout,
      headersTimeout,
      requestTimeout,
      timeout,
    });
  });

  it('refuses the option that it cannot keep', () => {
    const adapter = new StablePrototypeAdapter();
    expect(() => {
      adapter.initHttpServer({ forceCloseConnections: true });
    }).toThrow('forceCloseConnections');
  });
});
