import { anything, array, assert, double, integer, oneof, property } from 'fast-check';
import { centsToDecimal, decimalToCents, MAX_CENTS, toCents } from './money';

const cents = oneof(
  integer({ min: 0, max: MAX_CENTS }),
  integer({ min: 0, max: 100_000 }),
  integer({ min: MAX_CENTS - 100_000, max: MAX_CENTS }),
);

/** Cheap enough for many runs, since doubles go wrong in rare places. */
const MANY = { numRuns: 20_000 };

describe('money', () => {
  it('comes back exactly from JSON, every amount of cents up to the largest', () => {
    assert(
      property(cents, (amount) => {
        const json = JSON.stringify(amount / 100);
        expect(json).toMatch(/^\d{1,10}(\.\d{1,2})?$/);
        expect(toCents(JSON.parse(json))).toBe(amount);
      }),
      MANY,
    );
  });

  it('comes back exactly from decimal text, as SQL gives and takes it', () => {
    assert(
      property(cents, (amount) => {
        const decimal = centsToDecimal(amount);
        expect(decimal).toMatch(/^\d{1,10}\.\d\d$/);
        expect(decimalToCents(decimal)).toBe(amount);
        expect(Number(decimal)).toBe(amount / 100);
      }),
      MANY,
    );
  });

  it('adds up without the errors of floats', () => {
    assert(
      property(array(integer({ min: 0, max: 10_000_000 }), { maxLength: 100 }), (prices) => {
        const sum = prices.map((price) => toCents(price / 100) ?? NaN).reduce((a, b) => a + b, 0);
        expect(sum).toBe(prices.reduce((a, b) => a + b, 0));
      }),
    );
    expect(0.1 + 0.2).not.toBe(0.3);
    expect((toCents(0.1) ?? NaN) + (toCents(0.2) ?? NaN)).toBe(toCents(0.3));
  });

  it.each([
    [0, 0],
    [0.01, 1],
    [0.29, 29],
    [1.15, 115],
    [4.35, 435],
    [55, 5_500],
    [55.1, 5_510],
    [59.97, 5_997],
    [9_999_999_999.99, MAX_CENTS],
  ])('%d is %d cents', (amount, expected) => {
    expect(toCents(amount)).toBe(expected);
  });

  it.each([
    -0.01,
    -1,
    1e-7,
    0.001,
    0.005,
    55.001,
    1.1 * 3,
    0.1 + 0.2,
    1e10,
    10_000_000_000,
    Number.MAX_SAFE_INTEGER,
    Number.MAX_VALUE,
    Number.MIN_VALUE,
    NaN,
    Infinity,
    -Infinity,
  ])('%d is no amount of money', (amount) => {
    expect(toCents(amount)).toBeUndefined();
  });

  it.each([['55'], ['55.00'], [''], [null], [undefined], [true], [[55]], [{}], [55n]])(
    '%p is no number',
    (amount) => {
      expect(toCents(amount)).toBeUndefined();
    },
  );

  it('takes a double exactly if its shortest text has at most two decimals', () => {
    assert(
      property(double({ min: 0, max: MAX_CENTS / 100 }), (amount) => {
        const fits = /^\d+(\.\d{1,2})?$/.test(String(amount));
        expect(toCents(amount) !== undefined).toBe(fits);
      }),
      MANY,
    );
  });

  it('throws at nothing', () => {
    assert(
      property(anything({ withBigInt: true, withNullPrototype: true }), (amount) => {
        const found = toCents(amount);
        expect(found === undefined || Number.isSafeInteger(found)).toBe(true);
      }),
    );
  });

  it.each([
    [0, '0.00'],
    [5, '0.05'],
    [50, '0.50'],
    [5_500, '55.00'],
    [MAX_CENTS, '9999999999.99'],
  ])('%d cents are %s', (amount, decimal) => {
    expect(centsToDecimal(amount)).toBe(decimal);
  });
});
