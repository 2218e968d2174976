const CHUNK = 250_000;

/** Inserts PENDING orders by SQL. They have no prices, which distinguishes them from the seed data. */
export async function insertPending(database, count) {
  for (let done = 0; done < count; done += CHUNK) {
    await database.query(
      `INSERT INTO orders (user_id, item_ids, item_prices, total_amount)
       SELECT 1 + i % 12, '{12,3}', '{}', 55 FROM generate_series(1, $1::int) AS i`,
      [Math.min(CHUNK, count - done)],
    );
  }
}

/** Inserts orders that were completed over the last year, oldest first; the triggers add events and counters. */
export async function insertCompleted(database, count) {
  await database.query('SET synchronous_commit = off');
  for (let done = 0; done < count; done += CHUNK) {
    await database.query(
      `INSERT INTO orders (user_id, item_ids, item_prices, total_amount, status, attempt,
         created_at, started_at, finished_at)
       SELECT 1 + i % 12, '{12,3}', '{37.00,18.00}', 55, 'COMPLETED', 1,
         t, t + interval '1 second', t + interval '5 seconds'
       FROM generate_series($1::bigint, $2::bigint) AS i,
         LATERAL (SELECT now() - ($3::bigint - i) * (interval '365 days' / $3) - interval '1 minute') AS at (t)`,
      [done + 1, Math.min(done + CHUNK, count), count],
    );
  }
  await database.query('SET synchronous_commit = on');
}
