import { HttpConnection, post } from './http-connection.mjs';

/** The README's example order, which is valid on the seed data. */
export const CREATE_ORDER = post('/order/create_order', {
  user_id: 2,
  item_ids: [12, 3],
  total_amount: 55,
});

/**
 * @typedef {object} LoadResult
 * @property {number} count responses
 * @property {number} perSecond
 * @property {number[]} latenciesMs
 */

/**
 * Sends requests on keep-alive connections. Each connection sends its next request when it has received a response.
 *
 * @param {object} load
 * @param {string} load.url
 * @param {number} load.connections
 * @param {() => Buffer} load.next returns the bytes of the next request
 * @param {number} load.expect the status that every response must have
 * @param {number} [load.forMs] for how many milliseconds; or else
 * @param {number} [load.count] how many requests
 * @returns {Promise<LoadResult>}
 * @throws Error at the first response with another status, since the speed of failures must not count
 */
export async function load({ url, connections, next, expect, forMs = Infinity, count = Infinity }) {
  const open = await openAll(url, connections);
  const latenciesMs = [];
  let left = count;
  const startedAt = performance.now();
  const more = () => left-- > 0 && performance.now() - startedAt < forMs;
  try {
    await Promise.all(
      open.map((connection) =>
        keepSending(connection, { next, expect, more, onLatency: (ms) => latenciesMs.push(ms) }),
      ),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    return { count: latenciesMs.length, perSecond: latenciesMs.length / seconds, latenciesMs };
  } finally {
    for (const connection of open) connection.close();
  }
}

/** @returns {Promise<HttpConnection[]>} */
export function openAll(url, count) {
  return Promise.all(Array.from({ length: count }, () => HttpConnection.open(url)));
}

function keepSending(connection, { next, expect, more, onLatency }) {
  return new Promise((resolve, reject) => {
    const send = () => {
      if (!more()) return resolve();
      const sentAt = performance.now();
      connection.send(next(), (error, status, body) => {
        if (error) return reject(error);
        if (status !== expect)
          return reject(
            new Error(`Unexpected status ${status}, expected ${expect}: ${body.toString()}`),
          );
        onLatency(performance.now() - sentAt);
        send();
      });
    };
    send();
  });
}
