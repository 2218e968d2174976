import { isUser, quoteOf } from '../catalog/quote.sql';
import { Statement } from '../database/statement';

/** An order that was accepted. */
export interface AcceptedRow {
  /** Of its draft in the batch, from 1. */
  readonly position: number;
  readonly id: number;
  readonly created_ms: number;
}

/** Arrays as PostgreSQL's text, one element a draft; `itemIds` holds arrays as texts. */
type AcceptParams = readonly [
  userIds: string,
  itemIds: string,
  totals: string,
  idempotencyKeys?: readonly (string | null)[],
];

const WITHOUT_CHECK = `SELECT '{}'::numeric[] AS prices, draft.total_amount AS total`;

/**
 * Accepts the drafts that the catalog confirms: the user exists, and the total is the sum of the items' prices at this
 * moment. Like every guard it does not say why it refused the others.
 *
 * Items of an order travel as array text, since a parameter cannot be an array of arrays of unequal lengths. The arrays
 * come by sub-select so that the planner does not see their length and keeps its plan. Ids are drawn before the insert,
 * in the order of the drafts, because RETURNING cannot tell which draft became which order.
 *
 * @param keyed whether drafts have idempotency keys: ON CONFLICT costs each row a second log record, so that batches
 *   without a key have a statement of their own
 * @param checked whether items and totals are checked against the catalog
 */
export function accept(keyed: boolean, checked: boolean): Statement<AcceptParams, AcceptedRow> {
  const key = keyed ? ', idempotency_key' : '';
  return new Statement(
    `orders_accept${keyed ? '_keyed' : ''}`,
    `
      WITH passed AS MATERIALIZED (
        SELECT nextval('orders_id_seq') AS id, draft.*
        FROM (
          SELECT position, user_id, item_ids, quote.prices AS item_prices, total_amount${key}
          FROM (
            SELECT position, user_id, item_ids::integer[], total_amount${key}
            FROM unnest(
              (SELECT $1::integer[]), (SELECT $2::text[]), (SELECT $3::numeric[])${keyed ? ', (SELECT $4::text[])' : ''}
            ) WITH ORDINALITY AS sent (user_id, item_ids, total_amount${key}, position)
          ) AS draft
          CROSS JOIN LATERAL (${checked ? quoteOf('draft.item_ids') : WITHOUT_CHECK}) AS quote
          WHERE quote.total = draft.total_amount AND ${isUser('draft.user_id')}
          ORDER BY position
        ) AS draft
      ), accepted AS (
        INSERT INTO orders (id, user_id, item_ids, item_prices, total_amount${key})
        SELECT id, user_id, item_ids, item_prices, total_amount${key} FROM passed
        ${keyed ? 'ON CONFLICT (idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING' : ''}
        RETURNING id, created_at
      )
      SELECT passed.position::integer, accepted.id,
        (extract(epoch FROM accepted.created_at) * 1000)::float8 AS created_ms
      FROM accepted JOIN passed USING (id)`,
  );
}

/** Cancels a PENDING order; for a PROCESSING one it records that its cancellation was requested. */
export const CANCEL = new Statement<[id: number], { readonly id: number }>(
  'orders_cancel',
  `
    UPDATE orders SET
      status = CASE status WHEN 'PENDING' THEN 'CANCELLED' ELSE status END,
      finished_at = CASE status WHEN 'PENDING' THEN now() END,
      cancel_requested_at = coalesce(cancel_requested_at, now())
    WHERE id = $1 AND status::text IN ('PENDING', 'PROCESSING')
    RETURNING id`,
);

/** The attempts so far no longer count, so that the order gets all of MAX_ATTEMPTS again. */
export const RETRY = new Statement<[id: number], { readonly id: number }>(
  'orders_retry',
  `
    UPDATE orders SET
      status = 'PENDING', free_attempts = attempt, next_attempt_at = now(), started_at = NULL, finished_at = NULL
    WHERE id = $1 AND status::text = 'FAILED'
    RETURNING id`,
);
