import { describeConnectionError } from './connection-error';

function errorWith(code: string | undefined, message: string): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

describe('describeConnectionError', () => {
  it.each([
    ['ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.5:6379', 'connection refused'],
    ['ENOTFOUND', 'getaddrinfo ENOTFOUND redis.internal', 'host name not found'],
    ['ETIMEDOUT', 'connect ETIMEDOUT', 'connection timed out'],
  ])('gives %s in words and without the address', (code, message, reason) => {
    expect(describeConnectionError(errorWith(code, message))).toBe(reason);
  });

  it('knows the code of an error that stands for several addresses and has no message', () => {
    const refused = errorWith('ECONNREFUSED', 'connect ECONNREFUSED ::1:6379');
    const error = Object.assign(new AggregateError([refused, refused]), { code: 'ECONNREFUSED' });
    expect(error.message).toBe('');
    expect(describeConnectionError(error)).toBe('connection refused');
  });

  it("keeps the server's own text", () => {
    const text = 'WRONGPASS invalid username-password pair or user is disabled.';
    expect(describeConnectionError(errorWith(undefined, text))).toBe(text);
  });

  it('gives an unknown code or the name when there is no message', () => {
    expect(describeConnectionError(errorWith('EWHATEVER', ''))).toBe('EWHATEVER');
    expect(describeConnectionError(new TypeError(''))).toBe('TypeError');
  });
});
