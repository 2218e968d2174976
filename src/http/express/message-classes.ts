import { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';

/** The classes of which `http.createServer` makes its requests and responses. */
export interface MessageClasses {
  readonly IncomingMessage: typeof IncomingMessage;
  readonly ServerResponse: typeof ServerResponse;
}

/**
 * Classes whose prototypes are the very ones that an Express application gives to its requests and responses.
 *
 * Express swaps the prototypes of each request and response that reaches it, and V8 then forgets what it has
 * learnt about their shape: Node's own code for them runs two to three times slower. Swapping a prototype for
 * itself does nothing.
 *
 * To be called before the first `app.use`, since a mounted application links its own prototypes to these.
 */
export function messageClassesOf(app: Express): MessageClasses {
  class Request extends IncomingMessage {}
  class Response<T extends IncomingMessage = IncomingMessage> extends ServerResponse<T> {}
  app.request = standIn(Request.prototype, app.request);
  app.response = standIn(Response.prototype, app.response);
  return { IncomingMessage: Request, ServerResponse: Response };
}

/** Gives a prototype everything that the original has and inherits. */
function standIn<T extends object>(prototype: object, original: T): T {
  Object.setPrototypeOf(prototype, Object.getPrototypeOf(original) as object);
  return Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(original)) as T;
}
