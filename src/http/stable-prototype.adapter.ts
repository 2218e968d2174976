import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express } from 'express';
import { messageClassesOf, type MessageClasses } from './message-classes';

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
}
