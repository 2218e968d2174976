import { assert, integer, property, string } from 'fast-check';
import { IdPipe } from './id.pipe';
import { ValidationError } from './request-errors';

/** The largest bigint of PostgreSQL. */
const MAX_BIGINT = 2n ** 63n - 1n;

describe('IdPipe', () => {
  const pipe = new IdPipe();

  it('accepts every id that an order can have', () => {
    assert(
      property(integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (id) => {
        expect(pipe.transform(String(id))).toBe(id);
        expect(pipe.transform(`000${id}`)).toBe(id);
      }),
    );
  });

  it.each([
    '9007199254740993',
    '9223372036854775807',
    '9223372036854775808',
    `1${'0'.repeat(400)}`,
  ])('turns %s into an id that no order has and a bigint can hold', (text) => {
    const id = pipe.transform(text);
    expect(id).toBeGreaterThanOrEqual(Number.MAX_SAFE_INTEGER);
    expect(BigInt(id)).toBeLessThanOrEqual(MAX_BIGINT);
  });

  it.each([
    '',
    '0',
    '00',
    '-1',
    '+1',
    '1.0',
    '1.5',
    '1e3',
    '0x10',
    'abc',
    '1a',
    ' 1',
    '1\n',
    '١',
    'NaN',
  ])('refuses %j', (text) => {
    expect(() => pipe.transform(text)).toThrow(ValidationError);
  });

  it('refuses every other text', () => {
    assert(
      property(string(), (text) => {
        if (!/^0*[1-9][0-9]*$/.test(text))
          expect(() => pipe.transform(text)).toThrow(ValidationError);
      }),
    );
  });

  it('points at the order_id', () => {
    expect(() => pipe.transform('abc')).toThrow(
      expect.objectContaining({
        errors: [{ pointer: '/order_id', message: 'must be a positive integer' }],
      }) as Error,
    );
  });
});
