import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express, Response } from 'express';
import { messageClassesOf, type MessageClasses } from './message-classes';

/** Milliseconds that requests in progress have to be answered once the HTTP server is closing. */
const CLOSE_TIMEOUT_MS = 3_000;

/** Nest's adapter for Express, without the work of Express and Nest that no response of this service needs. */
export class StablePrototypeAdapter extends ExpressAdapter {
  private readonly messageClasses: MessageClasses;

  constructor() {
    super();
    const app = this.getInstance<Express>();
    this.messageClasses = messageClassesOf(app);
    app.disable('x-powered-by');
    // A hash saves only the transfer of what has not changed: orders and metrics change, and have to be read from the
    // database before they can be hashed. Static files keep their ETag, files of `sendFile` their Last-Modified.
    app.disable('etag');
  }

  override initHttpServer({ httpsOptions, forceCloseConnections }: NestApplicationOptions): void {
    // It needs the list of connections, which is private to the parent class.
    if (forceCloseConnections) throw new TypeError('forceCloseConnections is not supported');
    const app = this.getInstance<Express>();
    this.httpServer = httpsOptions
      ? createSecureServer({ ...httpsOptions, ...this.messageClasses }, app)
      : createServer(this.messageClasses, app);
  }

  /**
   * Writes the object that a handler returned as JSON. `response.json` would also merge the parameters of the type,
   * compute a hash, and look up an escape and a replacer in the application's settings, none of which is used here.
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
   * Node closes a server only after its last connection has ended. A browser opens connections in advance on which no
   * request comes, so those that are left after a timeout are closed.
   */
  override async close(): Promise<void> {
    const timer = setTimeout(() => {
      this.httpServer.closeAllConnections();
    }, CLOSE_TIMEOUT_MS);
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

/** The response has a body of the usual type, and no header of the request asks for anything else. */
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
