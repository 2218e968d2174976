import { ORDER_STATUSES, type OrderStatus } from '../common/order-status';
import { mayMove, TRANSITIONS } from './order-status';

/** Written out a second time on purpose, as the documentation's table has it. */
const ALLOWED: ReadonlySet<string> = new Set([
  'PENDING -> PROCESSING',
  'PENDING -> CANCELLED',
  'PROCESSING -> COMPLETED',
  'PROCESSING -> PENDING',
  'PROCESSING -> FAILED',
  'PROCESSING -> CANCELLED',
  'FAILED -> PENDING',
]);

const PAIRS: readonly (readonly [OrderStatus, OrderStatus])[] = ORDER_STATUSES.flatMap((from) =>
  ORDER_STATUSES.map((to) => [from, to] as const),
);

describe('I2: the state machine', () => {
  it('knows five statuses, each with its row in the table', () => {
    expect(PAIRS).toHaveLength(25);
    expect(Object.keys(TRANSITIONS).sort()).toEqual([...ORDER_STATUSES].sort());
  });

  it.each(PAIRS)('%s -> %s', (from, to) => {
    expect(mayMove(from, to)).toBe(ALLOWED.has(`${from} -> ${to}`));
  });

  it.each(['COMPLETED', 'CANCELLED'] as const)('%s is final', (status) => {
    expect(TRANSITIONS[status]).toEqual([]);
  });
});
