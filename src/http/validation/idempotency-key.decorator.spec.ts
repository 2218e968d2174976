import { assert, property, string, stringMatching } from 'fast-check';
import { MAX_KEY_LENGTH, parseIdempotencyKey } from './idempotency-key.decorator';
import { InvalidIdempotencyKeyError } from './request-errors';

const UUID = '3f0c6f2e-3c1d-4d0b-9a55-0f6d7a3f5b11';

describe('parseIdempotencyKey', () => {
  it('is undefined without the header', () => {
    expect(parseIdempotencyKey(undefined)).toBeUndefined();
  });

  it.each([
    ['a bare key', UUID, UUID],
    ['the same key quoted', `"${UUID}"`, UUID],
    ['spaces around it', `  ${UUID}\t`, UUID],
    ['spaces within', 'my first order', 'my first order'],
    ['spaces within quotes', '" a "', ' a '],
    ['escapes', String.raw`"a\"b\\c"`, String.raw`a"b\c`],
    ['a quote at one end only', '"abc', '"abc'],
    ['quotes that end early', '"a"b"', '"a"b"'],
    ['one character', 'k', 'k'],
    ['the longest', 'k'.repeat(MAX_KEY_LENGTH), 'k'.repeat(MAX_KEY_LENGTH)],
    ['the longest, quoted', `"${'k'.repeat(MAX_KEY_LENGTH)}"`, 'k'.repeat(MAX_KEY_LENGTH)],
  ])('takes %s', (_, header, key) => {
    expect(parseIdempotencyKey(header)).toBe(key);
  });

  it.each([
    ['an empty header', ''],
    ['spaces only', '   '],
    ['an empty quoted key', '""'],
    ['one character too many', 'k'.repeat(MAX_KEY_LENGTH + 1)],
    ['one character too many, quoted', `"${'k'.repeat(MAX_KEY_LENGTH + 1)}"`],
  ])('refuses %s', (_, header) => {
    expect(() => parseIdempotencyKey(header)).toThrow(InvalidIdempotencyKeyError);
  });

  it('reads a bare key and its quoted form alike', () => {
    assert(
      property(stringMatching(/^[a-zA-Z0-9_:./+=-]{1,255}$/), (key) => {
        expect(parseIdempotencyKey(key)).toBe(key);
        expect(parseIdempotencyKey(`"${key}"`)).toBe(key);
      }),
    );
  });

  it('gives a key within its bounds, or its own error', () => {
    assert(
      property(string({ maxLength: 600 }), (header) => {
        try {
          expect(parseIdempotencyKey(header)?.length).toBeLessThanOrEqual(MAX_KEY_LENGTH);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidIdempotencyKeyError);
        }
      }),
    );
  });
});
