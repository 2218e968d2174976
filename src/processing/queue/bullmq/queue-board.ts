import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { NotFoundException } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import type { MountedRoute } from '../../../http/express/mounted-routes';
import { BullmqQueue } from './bullmq-queue';
import { OrderQueue } from '../order-queue';

const PATH = '/queues';

const LOOPBACK = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/;

/** A proxy on this machine is a loopback caller too, but whoever it speaks for need not be. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** Its page asks a font service for letters; nothing is to leave this machine. */
const FROM_HERE_ONLY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:";

export const queueBoard: MountedRoute = {
  name: 'queue board',
  paths: [PATH],
  mount: serveQueueBoard,
};

/**
 * Serves Bull-Board, to look only: what waits in Redis are hints, and a change to them would change no order. To
 * callers on this machine; for all others there is nothing.
 */
function serveQueueBoard(app: NestExpressApplication): void {
  const queue = app.get<OrderQueue>(OrderQueue, { strict: false });
  if (!(queue instanceof BullmqQueue)) return;
  const board = new ExpressAdapter().setBasePath(PATH);
  createBullBoard({
    queues: [new BullMQAdapter(queue.jobs, { readOnlyMode: true })],
    serverAdapter: board,
  });
  app.use(PATH, guard, board.getRouter());
}

function guard(request: Request, response: Response, next: NextFunction): void {
  if (!isLocal(request)) {
    next(new NotFoundException());
    return;
  }
  response.setHeader('Content-Security-Policy', FROM_HERE_ONLY);
  next();
}

/** By the connection's own address: headers can only make it stricter. */
export function isLocal({ socket, headers }: Pick<Request, 'socket' | 'headers'>): boolean {
  return (
    LOOPBACK.test(socket.remoteAddress ?? '') &&
    !PROXY_HEADERS.some((name) => headers[name] !== undefined)
  );
}
