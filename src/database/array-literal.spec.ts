import { array, assert, asyncProperty, integer } from 'fast-check';
import { numbers, texts } from './array-literal';
import { Scene } from '../../test/support/service';

const scene = new Scene();

/** Every value of PostgreSQL's `integer`. */
const int4 = integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

test('PostgreSQL reads back what was written', async () => {
  await assert(
    asyncProperty(array(array(int4)), async (lists) => {
      const rows = await scene.sql<{ items: number[] }>(
        'SELECT list::integer[] AS items FROM unnest($1::text[]) WITH ORDINALITY AS l (list, n) ORDER BY n',
        [texts(lists.map(numbers))],
      );
      expect(rows.map(({ items }) => items)).toEqual(lists);
    }),
  );
});

test('keeps the digits of an amount', async () => {
  const [row] = await scene.sql<{ amounts: string[] }>('SELECT $1::numeric[]::text[] AS amounts', [
    numbers(['55.00', '-0.10', '99999999.99']),
  ]);
  expect(row?.amounts).toEqual(['55.00', '-0.10', '99999999.99']);
});
