import type { Request } from 'express';
import { isLocal } from './queue-board';

function from(remoteAddress: string | undefined, headers: Request['headers'] = {}): boolean {
  return isLocal({ socket: { remoteAddress } as Request['socket'], headers });
}

describe('the callers that see the queue board', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])(
    'include %s, an address of this machine',
    (address) => {
      expect(from(address)).toBe(true);
    },
  );

  it.each(['10.0.0.5', '::ffff:10.0.0.5', 'fe80::1', '1.127.0.0', '::1:1', undefined])(
    'do not include %s',
    (address) => {
      expect(from(address)).toBe(false);
    },
  );

  it.each(['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'])(
    'do not include a client of a proxy, by the header %s',
    (name) => {
      expect(from('127.0.0.1', { [name]: '127.0.0.1' })).toBe(false);
    },
  );
});
