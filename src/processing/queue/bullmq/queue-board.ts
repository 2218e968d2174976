import { NotFoundException } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { QueueSettings } from '../../../config/queue.settings';
import type { MountedRoute } from '../../../http/express/mounted-routes';
import { OrderQueue } from '../order-queue';

const PATH = '/queues';

const LOOPBACK = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/;

/** A proxy on this machine has a loopback address too, while the client behind it may have any address. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** The board's page refers to a font service on the internet; this policy stops the browser from contacting it. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:";

/** The routes of the board, where there is a queue that it can show: with QUEUE_ENGINE=bullmq. */
export const queueBoard: MountedRoute = {
  name: 'queue board',
  paths: [PATH],
  mount: serveQueueBoard,
};

/**
 * Serves Bull-Board, read-only: Redis holds hints, so a change to them would change no order. It answers callers on this
 * machine; all others get 404. Bull-Board is loaded at the first request that passes the guard.
 */
function serveQueueBoard(app: NestExpressApplication): void {
  if (app.get(QueueSettings, { strict: false }).queueEngine !== 'bullmq') return;
  const queue = app.get<OrderQueue>(OrderQueue, { strict: false });
  let loading: Promise<RequestHandler> | undefined;
  app.use(PATH, guard, async (request: Request, response: Response, next: NextFunction) => {
    const router = await (loading ??= loadRouter(queue));
    await router(request, response, next);
  });
}

async function loadRouter(queue: OrderQueue): Promise<RequestHandler> {
  const { BullmqQueue } = await import('./bullmq-queue');
  if (!(queue instanceof BullmqQueue)) throw new Error('The queue board needs QUEUE_ENGINE=bullmq');
  const { createBullBoard } = await import('@bull-board/api');
  const { BullMQAdapter } = await import('@bull-board/api/bullMQAdapter');
  const { ExpressAdapter } = await import('@bull-board/express');
  const board = new ExpressAdapter().setBasePath(PATH);
  createBullBoard({
    queues: [new BullMQAdapter(queue.jobs, { readOnlyMode: true })],
    serverAdapter: board,
  });
  return board.getRouter() as RequestHandler;
}

function guard(request: Request, response: Response, next: NextFunction): void {
  if (!isLocal(request)) {
    next(new NotFoundException());
    return;
  }
  response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
  next();
}

/** Whether the caller is on this machine, by the connection's own address. Headers can only turn a yes into a no. */
export function isLocal({ socket, headers }: Pick<Request, 'socket' | 'headers'>): boolean {
  return (
    LOOPBACK.test(socket.remoteAddress ?? '') &&
    !PROXY_HEADERS.some((name) => headers[name] !== undefined)
  );
}
