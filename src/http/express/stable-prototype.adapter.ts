import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express, Response } from 'express';
import { messageClassesOf, type MessageClasses } from './message-classes';

/** What requests get to be answered, once HTTP is closing. */
const LAST_ANSWERS_MS = 3_000;

/** Nest on Express, without what Express does to each request for nobody's good. */
export class StablePrototypeAdapter extends ExpressAdapter {
  private readonly messageClasses: MessageClasses;

  constructor() {
    super();
    const app = this.getInstance<Express>();
    this.messageClasses = messageClassesOf(app);
    app.disable('x-powered-by');
    // Hashing every answer pays where callers ask again for what hasn't changed. Orders and metrics change, and
    // are read from the database before there is anything to hash. Static files keep theirs; what `sendFile`
    // sends is left with its Last-Modified.
    app.disable('etag');
  }

  override initHttpServer({ httpsOptions, forceCloseConnections }: NestApplicationOptions): void {
    // The list of connections that it takes is private to the parent class.
    if (forceCloseConnections) throw new TypeError('forceCloseConnections is not supported');
    const app = this.getInstance<Express>();
    this.httpServer = httpsOptions
      ? createSecureServer({ ...httpsOptions, ...this.messageClasses }, app)
      : createServer(this.messageClasses, app);
  }

  /**
   * Writes a handler's object as JSON. `response.json` would first look for what no answer of ours has: a type with
   * parameters to be merged, a hash, an escape or a replacer among the application's settings.
   */
  override reply(response: Response, body: unknown, statusCode?: number): unknown {
    if (statusCode !== undefined || !isPlainJson(body) || !isUnconditional(response)) {
      return super.reply(response, body, statusCode) as unknown;
    }
    const json = JSON.stringify(body);
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.setHeader('Content-Length', Buffer.byteLength(json));
    return response.end(json);
  }

  /**
   * Node ends the closing of a server only with its last connection, and so never while a client holds one on which
   * nothing comes: a browser opens such connections in advance.
   */
  override async close(): Promise<void> {
    const timer = setTimeout(() => {
      this.httpServer.closeAllConnections();
    }, LAST_ANSWERS_MS);
    await super.close();
    clearTimeout(timer);
  }
}

function isPlainJson(body: unknown): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    (Array.isArray(body) || Object.getPrototypeOf(body) === Object.prototype)
  );
}

/** The answer has its body and the usual type, whatever the request's headers say. */
function isUnconditional(response: Response): boolean {
  const { headers } = response.req;
  return (
    response.statusCode >= 200 &&
    response.statusCode !== 204 &&
    response.statusCode !== 205 &&
    response.statusCode !== 304 &&
    !response.hasHeader('Content-Type') &&
    headers['if-none-match'] === undefined &&
    headers['if-modified-since'] === undefined
  );
}
