import { MAX_RETRY_AFTER_MS, parseRetryAfter } from './retry-after';

const NOW = Date.UTC(2026, 10, 23, 9, 30, 0);

describe('parseRetryAfter', () => {
  it.each([
    ['0', 0],
    ['7', 7_000],
    [' 120 ', 120_000],
    ['Mon, 23 Nov 2026 09:30:20 GMT', 20_000],
    ['Monday, 23-Nov-26 09:30:20 GMT', 20_000],
    ['Mon Nov 23 09:30:20 2026', 20_000],
  ])('takes %j', (header, ms) => {
    expect(parseRetryAfter(header, NOW)).toBe(ms);
  });

  it.each(['99999999999999999999999', '3601', 'Mon, 23 Nov 2099 09:30:20 GMT'])(
    'cuts %j at the limit',
    (header) => {
      expect(parseRetryAfter(header, NOW)).toBe(MAX_RETRY_AFTER_MS);
    },
  );

  it('takes a time that is over for now', () => {
    expect(parseRetryAfter('Sun, 06 Nov 1994 08:49:37 GMT', NOW)).toBe(0);
  });

  it.each([undefined, '', '-5', '1.5', '1e3', '0x10', 'soon', '2026-11-23', 'Monday', '5 seconds'])(
    'takes nothing from %j',
    (header) => {
      expect(parseRetryAfter(header, NOW)).toBeUndefined();
    },
  );
});
