import { Statement } from '../database/statement';
import { isUser, quoteOf } from './quote.sql';

/** What the catalog has of the ids that one request names. */
export interface QuoteRow {
  /** Null when there is no such user. */
  readonly is_user: true | null;
  /** Positions in the list, from 0, of ids that no item has; null when all are known. */
  readonly unknown_positions: number[] | null;
  /** Decimal text; null for an empty list, or when an item is unknown. */
  readonly total: string | null;
}

/** One row, always. Each id is looked up by primary key, for the reason that {@link quoteOf} gives. */
export const QUOTE = new Statement<[userId: number, itemIds: readonly number[]], QuoteRow>(
  'catalog_quote',
  `
    SELECT
      ${isUser('$1::integer')} AS is_user,
      (
        SELECT array_agg((wanted.position - 1)::integer ORDER BY wanted.position)
        FROM unnest($2::integer[]) WITH ORDINALITY AS wanted (id, position)
        WHERE (SELECT true FROM items WHERE items.id = wanted.id) IS NULL
      ) AS unknown_positions,
      (SELECT total FROM (${quoteOf('$2::integer[]')}) AS quote) AS total`,
);
