import { traceParent } from './trace-parent';

describe('traceParent', () => {
  const parts = (seed: string) => traceParent(seed).split('-');

  it('has the form of the W3C', () => {
    expect(traceParent('a')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  it('gives one trace to a seed, and a span of its own to each call', () => {
    const [first, second, other] = [parts('a'), parts('a'), parts('b')];
    expect(second[1]).toBe(first[1]);
    expect(second[2]).not.toBe(first[2]);
    expect(other[1]).not.toBe(first[1]);
  });
});
