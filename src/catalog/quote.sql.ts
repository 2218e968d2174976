/**
 * A quote within a statement that acts on it, so that the prices it acts on are those of its own snapshot. To be joined
 * laterally; gives one row, or none when the catalog lacks an item:
 * `prices` (`numeric[]`, in the order of the items) and `total` (`numeric`).
 *
 * @param itemIds an expression of type `integer[]`; an id that stands twice is charged twice
 */
export function quoteOf(itemIds: string): string {
  // OFFSET 0 keeps the planner from making a join of it: one for which it would read a catalog that it believes small
  // from end to end, for each order, as long as the prepared plan is kept. So there is the primary key only.
  return `
    SELECT array_agg(item.price ORDER BY wanted.position) AS prices, sum(item.price) AS total
    FROM unnest(${itemIds}) WITH ORDINALITY AS wanted (id, position)
    CROSS JOIN LATERAL (SELECT price FROM items WHERE items.id = wanted.id OFFSET 0) AS item
    HAVING count(*) = cardinality(${itemIds})`;
}

/** @param userId an expression of type `integer` */
export function isUser(userId: string): string {
  // A scalar and not EXISTS, which the planner may turn into a join: see above.
  return `(SELECT true FROM users WHERE users.id = ${userId})`;
}
