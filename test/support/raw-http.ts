import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends bytes as they are, and returns all that comes back until the server closes the connection. */
export async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

/** The text of a request whose connection closes after the answer. */
export function request(line: string, headers: Record<string, string> = {}, body = ''): string {
  const all = { Host: 'shop.example', Connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

/** The text of such a request with a body. */
export function post(path: string, body: string, headers: Record<string, string> = {}): string {
  const length = String(Buffer.byteLength(body, 'latin1'));
  const all = { 'Content-Type': 'application/json', 'Content-Length': length, ...headers };
  return request(`POST ${path}`, all, body);
}
