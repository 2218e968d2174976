-- Data to try the service with: users, items, and a few completed orders.
--
-- Loads any number of times without changing anything that is there already, into a database whose migrations have
-- run. The service does it by itself on its embedded database; elsewhere:
--   docker exec -i ecommerce_postgres psql -U postgres -d postgres < seed/init.sql

BEGIN;

-- Nobody inserts meanwhile, so that setting the sequences below cannot take them back behind a number just given.
LOCK TABLE users, items, orders IN SHARE ROW EXCLUSIVE MODE;

INSERT INTO users (id, name, email) VALUES
  (1, 'Ada Brandt', 'ada.brandt@example.com'),
  (2, 'Bruno Keller', 'bruno.keller@example.com'),
  (3, 'Clara Novak', 'clara.novak@example.com'),
  (4, 'Daniel Osei', 'daniel.osei@example.com'),
  (5, 'Elif Demir', 'elif.demir@example.com'),
  (6, 'Farid Haddad', 'farid.haddad@example.com'),
  (7, 'Greta Lind', 'greta.lind@example.com'),
  (8, 'Hana Sato', 'hana.sato@example.com'),
  (9, 'Ivan Petrov', 'ivan.petrov@example.com'),
  (10, 'Julia Moreau', 'julia.moreau@example.com'),
  (11, 'Kofi Mensah', 'kofi.mensah@example.com'),
  (12, 'Lena Fischer', 'lena.fischer@example.com')
ON CONFLICT DO NOTHING;

INSERT INTO items (id, name, price) VALUES
  (1, 'Ceramic coffee mug', 12.50),
  (2, 'Linen tea towel', 9.90),
  (3, 'Cast-iron trivet', 18.00),
  (4, 'Beeswax candle', 14.20),
  (5, 'Enamel milk jug', 21.75),
  (6, 'Oak chopping board', 34.90),
  (7, 'Wool throw blanket', 79.00),
  (8, 'Canvas tote bag', 16.40),
  (9, 'Pocket notebook', 6.80),
  (10, 'Brass desk lamp', 89.00),
  (11, 'Leather key fob', 11.25),
  (12, 'French press, 1 litre', 37.00),
  (13, 'Stoneware bowl', 17.60),
  (14, 'Bamboo cutlery set', 13.95),
  (15, 'Steel water bottle', 24.50),
  (16, 'Cotton apron', 28.00),
  (17, 'Glass storage jar', 10.40),
  (18, 'Pepper mill', 32.30),
  (19, 'Cork placemats, set of four', 22.00),
  (20, 'Recycled glass vase', 26.70),
  (21, 'Felt slippers', 41.00),
  (22, 'Wall clock', 54.90),
  (23, 'Wooden toy train', 38.25),
  (24, 'Garden twine with cutter', 15.60),
  (25, 'Olive oil soap', 5.40),
  (26, 'Picture frame, A4', 19.80)
ON CONFLICT DO NOTHING;

-- Each waited a moment and then took 2 to 7 seconds of work.
INSERT INTO orders (id, user_id, item_ids, item_prices, total_amount, status, attempt, created_at, started_at, finished_at)
SELECT
  id, user_id, item_ids, item_prices, total_amount, 'COMPLETED', 1,
  now() - age,
  now() - age + waited,
  now() - age + waited + worked
FROM (VALUES
  (1, 1, ARRAY[1, 4], ARRAY[12.50, 14.20], 26.70, interval '3 hours 20 minutes', interval '1.4 seconds', interval '4.317 seconds'),
  (2, 2, ARRAY[12, 3], ARRAY[37.00, 18.00], 55.00, interval '3 hours', interval '0.6 seconds', interval '2.894 seconds'),
  (3, 5, ARRAY[7], ARRAY[79.00], 79.00, interval '2 hours 10 minutes', interval '2.1 seconds', interval '6.552 seconds'),
  (4, 9, ARRAY[9, 9, 25], ARRAY[6.80, 6.80, 5.40], 19.00, interval '1 hour 45 minutes', interval '0.3 seconds', interval '3.781 seconds'),
  (5, 4, ARRAY[10, 6], ARRAY[89.00, 34.90], 123.90, interval '50 minutes', interval '3.9 seconds', interval '5.206 seconds')
) AS finished (id, user_id, item_ids, item_prices, total_amount, age, waited, worked)
ON CONFLICT DO NOTHING;

-- The next number that is given lies behind every number there is.
SELECT setval('users_id_seq', greatest((SELECT max(id) FROM users), (SELECT last_value FROM users_id_seq)));
SELECT setval('items_id_seq', greatest((SELECT max(id) FROM items), (SELECT last_value FROM items_id_seq)));
SELECT setval('orders_id_seq', greatest((SELECT max(id) FROM orders), (SELECT last_value FROM orders_id_seq)));

COMMIT;
