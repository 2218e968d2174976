import { Statement } from '../database/statement';

export interface OrderCounts {
  readonly pending: number;
  readonly processing: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Start to finish, over the completed orders; null before the first. */
  readonly averageProcessingSeconds: number | null;
  /** Creation to finish, over the completed orders; null before the first. */
  readonly averageCompletionSeconds: number | null;
}

/** Sums the shards of the counters: the same few rows, however many orders there are. */
export const COUNT_ORDERS = new Statement<[], OrderCounts>(
  'metrics_count_orders',
  `
    SELECT
      sum(pending)::float8 AS pending, sum(processing)::float8 AS processing,
      sum(completed)::float8 AS completed, sum(failed)::float8 AS failed,
      sum(cancelled)::float8 AS cancelled,
      (sum(processing_us) / nullif(sum(completed), 0) / 1e6)::float8 AS "averageProcessingSeconds",
      (sum(completion_us) / nullif(sum(completed), 0) / 1e6)::float8 AS "averageCompletionSeconds"
    FROM order_status_counters`,
);
