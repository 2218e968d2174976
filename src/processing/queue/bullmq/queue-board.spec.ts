import type { Request } from 'express';
import { isLocal } from './queue-board';

function from(remoteAddress: string | undefined, headers: Request['headers'] = {}): boolean {
  return isLocal({ socket: { remoteAddress } as Request['socket'], headers });
}

describe('who may see the board', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])(
    '%s is this machine',
    (address) => {
      expect(from(address)).toBe(true);
    },
  );

  it.each(['10.0.0.5', '::ffff:10.0.0.5', 'fe80::1', '1.127.0.0', '::1:1', undefined])(
    '%s is not',
    (address) => {
      expect(from(address)).toBe(false);
    },
  );

  it.each(['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'])(
    'whoever a proxy speaks for is not, by its %s',
    (name) => {
      expect(from('127.0.0.1', { [name]: '127.0.0.1' })).toBe(false);
    },
  );
});
