import { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';

/** The classes that `http.createServer` instantiates for each request. */
export interface MessageClasses {
  readonly IncomingMessage: typeof IncomingMessage;
  readonly ServerResponse: typeof ServerResponse;
}

/**
 * Classes whose prototypes are the same objects that an Express application sets as those of its requests and responses.
 *
 * Express replaces the prototype of each request and response. V8 then discards its inline caches for them, and Node's
 * own code for them runs two to three times slower. Replacing a prototype by itself has no effect.
 *
 * Must be called before the first `app.use`, since a mounted application inherits from the prototypes of that moment.
 */
export function messageClassesOf(app: Express): MessageClasses {
  class Request extends IncomingMessage {}
  class Response<T extends IncomingMessage = IncomingMessage> extends ServerResponse<T> {}
  app.request = standIn(Request.prototype, app.request);
  app.response = standIn(Response.prototype, app.response);
  return { IncomingMessage: Request, ServerResponse: Response };
}

/** Gives a prototype all members of the original, own and inherited. */
function standIn<T extends object>(prototype: object, original: T): T {
  Object.setPrototypeOf(prototype, Object.getPrototypeOf(original) as object);
  return Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(original)) as T;
}
