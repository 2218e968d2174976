/**
 * A quote within a statement that acts on it, so that the prices are those of the statement's own snapshot. To be joined
 * laterally; gives one row, or none when the catalog lacks an item:
 * `prices` (`numeric[]`, in the order of the items) and `total` (`numeric`), both null for an empty list.
 *
 * @param itemIds an expression of type `integer[]`; an id that is listed twice is charged twice
 */
export function quoteOf(itemIds: string): string {
  // OFFSET 0 keeps the planner from turning this into a join. For a join it would read a catalog that it believes small
  // from end to end, for each order, for as long as the prepared plan is kept. This way only the primary key is left.
  return `
    SELECT array_agg(item.price ORDER BY wanted.position) AS prices, sum(item.price) AS total
    FROM unnest(${itemIds}) WITH ORDINALITY AS wanted (id, position)
    CROSS JOIN LATERAL (SELECT price FROM items WHERE items.id = wanted.id OFFSET 0) AS item
    HAVING count(*) = cardinality(${itemIds})`;
}

/** True, or null when there is no such user. @param userId an expression of type `integer` */
export function isUser(userId: string): string {
  // A scalar and not EXISTS, which the planner may turn into a join: see above.
  return `(SELECT true FROM users WHERE users.id = ${userId})`;
}
