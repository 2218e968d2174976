import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express } from 'express';
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
