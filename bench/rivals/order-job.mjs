import { randomUUID } from 'node:crypto';
import { Pool } from '../lib/pg.mjs';

const CLAIM = {
  name: 'claim',
  text: `UPDATE orders SET status = 'PROCESSING', attempt = attempt + 1, claimed_by = $2, started_at = now()
    WHERE id = $1 AND status = 'PENDING' RETURNING attempt`,
};

const COMPLETE = {
  name: 'complete',
  text: `UPDATE orders SET status = 'COMPLETED', claimed_by = NULL, finished_at = now()
    WHERE id = $1 AND status = 'PROCESSING' AND attempt = $2`,
};

/** The job of every rival's handler: two guarded transitions, through a pool of ten connections. */
export class OrderJob {
  #worker = randomUUID();
  #left;
  #onDone;

  /**
   * @param {string} url
   * @param {number} orders the number of completed orders after which `done` resolves
   */
  constructor(url, orders) {
    this.pool = new Pool({ connectionString: url, max: 10 });
    this.#left = orders;
    this.done = new Promise((resolve) => (this.#onDone = resolve));
  }

  run = async (orderId) => {
    const { rows } = await this.pool.query({ ...CLAIM, values: [orderId, this.#worker] });
    const attempt = rows[0]?.attempt;
    if (attempt === undefined) throw new Error(`Order ${orderId} was not PENDING`);
    const { rowCount } = await this.pool.query({ ...COMPLETE, values: [orderId, attempt] });
    if (rowCount !== 1) throw new Error(`Order ${orderId} was not PROCESSING`);
    this.#left -= 1;
    if (this.#left === 0) this.#onDone();
  };
}
