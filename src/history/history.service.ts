import { Injectable } from '@nestjs/common';
import { OrderNotFoundError } from '../common/order-not-found-error';
import { Database } from '../database/database.service';
import { AFTER, OF_ORDER, type EventRow } from './history.sql';

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
  /** Where the log continues after this event. */
  readonly position: LogPosition;
}

/** A place in the log. */
export interface LogPosition {
  /** Transaction id as decimal text, since it may outgrow 2^53. */
  readonly tx: string;
  /** Event id. */
  readonly id: number;
}

export const LOG_START: LogPosition = { tx: '0', id: 0 };

/** Reads the event log, which the triggers on `orders` write (invariant I6). */
@Injectable()
export class HistoryService {
  constructor(private readonly database: Database) {}

  /**
   * @returns an order's events, oldest first
   * @throws OrderNotFoundError when there is no such order
   */
  async ofOrder(orderId: number): Promise<HistoryEvent[]> {
    const rows = await this.database.query(OF_ORDER, [orderId]);
    if (rows.length === 0) throw new OrderNotFoundError(orderId);
    return rows.map(toEvent);
  }

  /**
   * The whole log in commit order, page by page and without gaps under concurrent writers. Events of transactions that
   * started after one that is still running are held back until that one has ended.
   *
   * @param limit events at most
   */
  async readAfter(position: LogPosition, limit: number): Promise<HistoryEvent[]> {
    const rows = await this.database.query(AFTER, [position.tx, position.id, limit]);
    return rows.map(toEvent);
  }
}

function toEvent(row: EventRow): HistoryEvent {
  return {
    id: row.id,
    orderId: row.order_id,
    fromStatus: row.from_status,
    toStatus: row.to_status,
    attempt: row.attempt,
    detail: row.detail,
    at: row.created_at,
    position: { tx: row.tx, id: row.id },
  };
}
