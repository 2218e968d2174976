import { assert, double, integer, property } from 'fast-check';
import { backoffMs } from './backoff';

/** As near to 1 as `Math.random` comes. */
const ALMOST_ONE = 1 - Number.EPSILON / 2;

const BASE_MS = 2_000;
const MAX_MS = 300_000;

describe('backoffMs', () => {
  it.each([
    [1, 2_000],
    [2, 4_000],
    [3, 8_000],
    [8, 256_000],
    [9, MAX_MS],
    [100, MAX_MS],
    [5_000, MAX_MS],
  ])('after %d failures waits at most %d ms', (failures, ceiling) => {
    expect(backoffMs(failures, BASE_MS, MAX_MS, () => ALMOST_ONE)).toBe(ceiling);
    expect(backoffMs(failures, BASE_MS, MAX_MS, () => 0)).toBe(0);
    expect(backoffMs(failures, BASE_MS, MAX_MS, () => 0.5)).toBe(ceiling / 2);
  });

  it('is whole milliseconds within its bounds, for all settings there are', () => {
    const failures = integer({ min: 1, max: 10_000 });
    const ms = integer({ min: 0, max: 86_400_000 });
    const random = double({ min: 0, max: ALMOST_ONE, noNaN: true });
    assert(
      property(failures, ms, ms, random, (count, base, max, chance) => {
        const delay = backoffMs(count, base, max, () => chance);
        expect(Number.isSafeInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(max);
      }),
    );
  });

  it('spreads over the whole range by itself', () => {
    const delays = Array.from({ length: 2_000 }, () => backoffMs(3, 1_000, MAX_MS));
    const quarters = new Set(delays.map((delay) => Math.min(3, Math.floor(delay / 1_000))));
    expect(quarters).toEqual(new Set([0, 1, 2, 3]));
    expect(Math.max(...delays)).toBeLessThanOrEqual(4_000);
  });
});
