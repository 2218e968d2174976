import { HttpConnection, post } from './http-connection.mjs';

/** The order of the README, valid on the seed data. */
export const CREATE_ORDER = post('/order/create_order', {
  user_id: 2,
  item_ids: [12, 3],
  total_amount: 55,
});

/**
 * @typedef {object} LoadResult
 * @property {number} count answers
 * @property {number} perSecond
 * @property {number[]} latenciesMs
 */

/**
 * Sends requests on kept-alive connections, the next one of a connection as soon as it has its answer.
 *
 * @param {object} load
 * @param {string} load.url
 * @param {number} load.connections
 * @param {() => Buffer} load.next makes the bytes of the next request
 * @param {number} load.expect the status of every answer
 * @param {number} [load.forMs] how long; or else
 * @param {number} [load.count] how many requests
 * @returns {Promise<LoadResult>}
 * @throws Error at the first answer with another status: what is fast because it fails must not count
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
        if (status !== expect) return reject(new Error(`Answered ${status}: ${body.toString()}`));
        onLatency(performance.now() - sentAt);
        send();
      });
    };
    send();
  });
}
