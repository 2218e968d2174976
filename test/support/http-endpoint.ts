import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const CHUNK_BYTES = 65_536;

/** A request as an endpoint got it, with its whole body. */
export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: Record<string, string>;
  readonly body: string;
}

type Answer = (response: ServerResponse, request: Received) => void;

/** A server on a free port that keeps what it is sent, and answers as told. */
export class HttpEndpoint {
  readonly received: Received[] = [];
  /** What became of the connections: those opened so far, and those still open. */
  connections = { opened: 0, open: 0 };
  /** Replace it to answer in another way. */
  answer: Answer = respond(200);
  private readonly server = createServer((request, response) => void this.take(request, response));

  static async start(): Promise<HttpEndpoint> {
    const endpoint = new HttpEndpoint();
    endpoint.countConnections();
    endpoint.server.listen(0, '127.0.0.1');
    await once(endpoint.server, 'listening');
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/orders?shop=1`;
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private countConnections(): void {
    this.server.on('connection', (socket) => {
      this.connections.opened += 1;
      this.connections.open += 1;
      socket.on('close', () => (this.connections.open -= 1));
    });
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url: path, headers } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const received = {
      method,
      path,
      headers: headers as Record<string, string>,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    this.received.push(received);
    this.answer(response, received);
  }
}

/** An answer with this status, body and headers. */
export function respond(status: number, body = '', headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, headers).end(body);
  };
}

/** Sends an answer's body until the caller hangs up. */
export function sendForever(response: ServerResponse, count: (bytes: number) => void): void {
  const chunk = Buffer.alloc(CHUNK_BYTES, 'x');
  const send = (error?: Error | null) => {
    if (error || response.destroyed) return;
    count(chunk.length);
    // Not from the callback itself: it runs before anything that is read, so the connection would never be closed.
    response.write(chunk, (failure) => setImmediate(send, failure));
  };
  send();
}

/** Announces more than it sends, and hangs up once that little is on its way. */
export function breakOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': '100' });
  response.write('half of', () => response.destroy());
}
