import { excerpt } from './excerpt';

describe('excerpt', () => {
  it('makes one printable line of a text', () => {
    expect(excerpt('\0 no\r\nsuch\u001b[31m \u202eitem\u2028\t!\u0085', 50)).toBe(
      'no such [31m item !',
    );
  });

  it('keeps what fits, and marks what was cut', () => {
    expect([excerpt('12345', 5), excerpt('12345 7', 6)]).toEqual(['12345', '12345…']);
  });

  it('keeps letters of any script', () => {
    expect(excerpt('größer, 大きい', 50)).toBe('größer, 大きい');
  });
});
