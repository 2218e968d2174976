import { Injectable } from '@nestjs/common';
import { OrderNotFoundError } from '../common/order-not-found-error';
import { Database } from '../database/database.service';

/** One status change. */
export interface HistoryEvent {
  readonly id: number;
  readonly orderId: number;
  /** null: the order was accepted. */
  readonly fromStatus: string | null;
  readonly toStatus: string;
  readonly attempt: number;
  /** Why the order waits again or failed; null otherwise. */
  readonly detail: string | null;
  readonly at: Date;
  /** Where the log goes on after this event. */
  readonly position: LogPosition;
}

/** A place in the log; decimal text, since transaction ids may outgrow a double. */
export interface LogPosition {
  readonly tx: string;
  readonly id: string;
}

export const LOG_START: LogPosition = { tx: '0', id: '0' };

interface EventRow {
  readonly id: string;
  readonly tx: string;
  readonly order_id: string;
  readonly from_status: string | null;
  readonly to_status: string;
  readonly attempt: number;
  readonly detail: string | null;
  readonly created_at: Date;
}

const COLUMNS = 'id, tx, order_id, from_status, to_status, attempt, detail, created_at';

// An order's changes wait for each other on its row, so the sequence alone tells their order.
const OF_ORDER = {
  name: 'history_of_order',
  text: `SELECT ${COLUMNS} FROM order_events WHERE order_id = $1 ORDER BY id`,
};

// Only transactions below the oldest one still running: none of them can still commit an event in between, so a
// reader that goes on from the last event it saw misses nothing.
const AFTER = {
  name: 'history_after',
  text: `
    SELECT ${COLUMNS} FROM order_events
    WHERE (tx, id) > ($1::bigint, $2::bigint)
      AND tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    ORDER BY tx, id LIMIT $3`,
};

/** Reads the event log, which the triggers on `orders` write (invariant I6). */
@Injectable()
export class HistoryService {
  constructor(private readonly database: Database) {}

  /**
   * @returns an order's events, oldest first
   * @throws OrderNotFoundError when there is no such order
   */
  async ofOrder(orderId: number): Promise<HistoryEvent[]> {
    const rows = await this.database.query<EventRow>(OF_ORDER, [orderId]);
    if (rows.length === 0) throw new OrderNotFoundError(orderId);
    return rows.map(toEvent);
  }

  /**
   * The whole log in the order of commits, page by page and without gaps, however many write meanwhile. Events of
   * transactions that started after one still running are held back until that one has ended.
   *
   * @param limit events at most
   */
  async readAfter(position: LogPosition, limit: number): Promise<HistoryEvent[]> {
    const rows = await this.database.query<EventRow>(AFTER, [position.tx, position.id, limit]);
    return rows.map(toEvent);
  }
}

function toEvent(row: EventRow): HistoryEvent {
  return {
    id: Number(row.id),
    orderId: Number(row.order_id),
    fromStatus: row.from_status,
    toStatus: row.to_status,
    attempt: row.attempt,
    detail: row.detail,
    at: row.created_at,
    position: { tx: row.tx, id: row.id },
  };
}
