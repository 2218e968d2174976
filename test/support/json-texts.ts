import * as fc from 'fast-check';

/** Values near the limits, as texts: `JSON.stringify` would lose or round some of them. */
const NUMBERS = `0 -0 0.0 -1 1.0 1e0 1e-7 1e10 1e999 -1e999 2147483647 2147483648 9007199254740993
  10000000000 9999999999.99 9999999999.999 55.001 55.01 0.1 0.005 123456789012345678901234567890`;
const OTHERS = `null true false "" "1" "a" "b" "NaN" "Infinity" "\\u0000" "\\ud800" "\\t" {} [] [[]] [[1]]
  [null] {"length":1} {"0":1,"length":1} {"__proto__":1} {"valueOf":1}`;

export const ODD = fc.constantFrom(...NUMBERS.split(/\s+/), ...OTHERS.split(/\s+/));
export const ID = fc.integer({ min: 1, max: 2_147_483_647 }).map(String);
export const MONEY = fc
  .integer({ min: -1, max: 1_000_000_000_000 })
  .map((cents) => String(cents / 100));
const DEEP = fc.integer({ min: 1, max: 500 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth));
export const ANY = fc.oneof(
  ODD,
  ID,
  MONEY,
  DEEP,
  fc.json(),
  fc.double({ noNaN: true }).map(asJson),
);

function asJson(value: number): string {
  return Number.isFinite(value) ? String(value) : '1e400';
}

/** A list of up to so many elements. */
export function listOf(element: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string> {
  return fc.array(element, { maxLength, size: 'max' }).map((values) => `[${values.join()}]`);
}

/** Mostly what fits, so that single faults show; at times anything. */
function mostly(fitting: fc.Arbitrary<string>): fc.Arbitrary<string | undefined> {
  return fc.oneof(
    { weight: 6, arbitrary: fitting },
    { weight: 3, arbitrary: ANY },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

const NAMES = '__proto__ constructor toString hasOwnProperty user_ids a/b ~'.split(' ');
const EXTRAS = fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), fc.string()), ANY, { maxKeys: 2 });

/** The text of objects with these fields and at times some more, which may double a field. */
export function objects(fields: Record<string, fc.Arbitrary<string>>): fc.Arbitrary<string> {
  const values = Object.entries(fields).map(([name, fitting]) =>
    mostly(fitting).map((value) => (value === undefined ? [] : [[name, value] as const])),
  );
  const extras = fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: EXTRAS },
  );
  return fc.tuple(fc.tuple(...values), extras).map(([known, more]) => {
    const members = [...known.flat(), ...Object.entries(more)];
    return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`;
  });
}
