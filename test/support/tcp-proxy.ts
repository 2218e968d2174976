import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * Stands between a client and a server, and plays the faults of a network. What it swallows is gone for good, as is
 * the connection that it was sent on: both ends keep it open, and nothing gets from one to the other.
 */
export class TcpProxy {
  /** Connections asked for so far. */
  attempts = 0;
  private swallowing = false;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
  ) {}

  /** @param port where it listens: 0 for a free one. Where the target does not, connections end at once. */
  static async start(targetPort: number, port = 0): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, targetPort);
    server.on('connection', (socket) => {
      proxy.accept(socket);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** From here on nothing gets through, in either direction, and neither end is notified. */
  swallow(): void {
    this.swallowing = true;
    for (const socket of this.sockets) this.deafen(socket);
  }

  /** New connections work again. The old ones stay as they are. */
  restore(): void {
    this.swallowing = false;
  }

  /** May be called again. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private accept(client: Socket): void {
    this.attempts += 1;
    this.watch(client);
    if (this.swallowing) {
      this.deafen(client);
      return;
    }
    const target = connect(this.targetPort, '127.0.0.1');
    this.watch(target);
    client.pipe(target);
    target.pipe(client);
    client.on('close', () => target.destroy());
    target.on('close', () => client.destroy());
  }

  private watch(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
  }

  private deafen(socket: Socket): void {
    socket.unpipe();
    socket.removeAllListeners('close');
    socket.on('close', () => this.sockets.delete(socket));
    socket.resume();
  }
}
