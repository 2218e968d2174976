import { once } from 'node:events';
import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * A keep-alive connection that sends one request at a time.
 *
 * A general HTTP client uses about ten times the processor time, on the cores that the measured server uses too. Chunked
 * responses are not supported; every application in the benchmark sends a Content-Length.
 */
export class HttpConnection {
  #socket;
  #received;
  #onAnswer;

  /** @param {string} url */
  static async open(url) {
    const { hostname, port } = new URL(url);
    const connection = new HttpConnection();
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    connection.#socket = socket;
    socket.on('data', (chunk) => connection.#read(chunk));
    socket.on('error', (error) => connection.#fail(error));
    socket.on('close', () => connection.#fail(new Error('The server closed the connection')));
    return connection;
  }

  /**
   * @param {Buffer} bytes a complete request
   * @param {(error: Error | undefined, status: number, body: Buffer) => void} onAnswer
   */
  send(bytes, onAnswer) {
    this.#onAnswer = onAnswer;
    this.#socket.write(bytes);
  }

  /** @returns {Promise<{ status: number, body: Buffer }>} */
  request(bytes) {
    return new Promise((resolve, reject) => {
      this.send(bytes, (error, status, body) =>
        error ? reject(error) : resolve({ status, body }),
      );
    });
  }

  close() {
    this.#onAnswer = undefined;
    this.#socket.destroy();
  }

  #read(chunk) {
    const bytes = this.#received ? Buffer.concat([this.#received, chunk]) : chunk;
    const headEnd = bytes.indexOf(HEAD_END);
    const bodyStart = headEnd + HEAD_END.length;
    const length = headEnd < 0 ? Infinity : contentLength(bytes.latin1Slice(0, headEnd));
    if (bytes.length < bodyStart + length) {
      this.#received = bytes;
      return;
    }
    this.#received = undefined;
    const status = Number(bytes.latin1Slice(9, 12));
    this.#settle(undefined, status, bytes.subarray(bodyStart, bodyStart + length));
  }

  #fail(error) {
    this.#settle(error, 0, Buffer.alloc(0));
  }

  #settle(...answer) {
    const onAnswer = this.#onAnswer;
    this.#onAnswer = undefined;
    onAnswer?.(...answer);
  }
}

function contentLength(head) {
  const match = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (!match) throw new Error(`The response has no Content-Length: ${head}`);
  return Number(match[1]);
}

/** @returns {Buffer} the bytes of a GET request */
export function get(path) {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n`);
}

/** @returns {Buffer} the bytes of a POST request */
export function post(path, body) {
  const json = JSON.stringify(body);
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
  );
}
