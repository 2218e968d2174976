import { property, assert, integer } from 'fast-check';
import { ValidationError } from '../http/validation/request-errors';
import { decodeCursor, encodeCursor } from './page-cursor';

const encoded = (text: string) => Buffer.from(text).toString('base64url');

describe('the page cursor', () => {
  it('comes back as it went, and fits into a query as it is', () => {
    assert(
      property(integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (id) => {
        const cursor = encodeCursor(id) ?? '';
        expect(cursor).toMatch(/^[\w-]{1,64}$/);
        expect(decodeCursor(cursor)).toBe(id);
      }),
    );
  });

  it('is null behind the last page, and undefined before the first', () => {
    expect(encodeCursor(undefined)).toBeNull();
    expect(decodeCursor(undefined)).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['a bare number', '5'],
    ['another version', encoded('v2:5')],
    ['zero', encoded('v1:0')],
    ['a sign', encoded('v1:-5')],
    ['a leading zero', encoded('v1:05')],
    ['no number', encoded('v1:NaN')],
    ['a fraction', encoded('v1:5.5')],
    ['an exponent', encoded('v1:5e3')],
    ['more digits than an id has', encoded(`v1:1${'0'.repeat(16)}`)],
    ['something behind it', encoded('v1:5;DROP TABLE orders')],
    ['a line break behind it', encoded('v1:5\n')],
    ['what base64 decoders skip', `${encoded('v1:5')}!`],
    ['padding', `${encoded('v1:5')}=`],
  ])('refuses %s', (_, cursor) => {
    expect(() => decodeCursor(cursor)).toThrow(ValidationError);
  });

  it('says where the fault is', () => {
    expect(() => decodeCursor('tampered')).toThrow(
      expect.objectContaining({
        errors: [{ pointer: '/cursor', message: 'must be the next_cursor of an earlier page' }],
      }) as Error,
    );
  });
});
