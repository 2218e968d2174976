import { Statement } from '../database/statement';

export interface EventRow {
  readonly id: number;
  /** Decimal text: transaction ids may outgrow 2^53. */
  readonly tx: string;
  readonly order_id: number;
  readonly from_status: string | null;
  readonly to_status: string;
  readonly attempt: number;
  readonly detail: string | null;
  readonly created_at: Date;
}

const COLUMNS = `
  id, tx::text AS tx, order_id, from_status, to_status, attempt, detail, created_at`;

/** An order's changes wait for each other on its row, so the sequence alone tells their order. */
export const OF_ORDER = new Statement<[orderId: number], EventRow>(
  'history_of_order',
  `SELECT ${COLUMNS} FROM order_events WHERE order_id = $1 ORDER BY id`,
);

/**
 * Only transactions below the oldest one still running: none of them can still commit an event in between, so a reader
 * that continues after the last event it saw misses nothing.
 */
export const AFTER = new Statement<[tx: string, id: number, limit: number], EventRow>(
  'history_after',
  `
    SELECT ${COLUMNS} FROM order_events e
    WHERE (e.tx, e.id) > ($1::bigint, $2::bigint)
      AND e.tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    ORDER BY e.tx, e.id LIMIT $3`,
);
