import { Check, Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { decimalToCents, centsToDecimal } from '../common/money';
import { ORDER_STATUSES, type OrderStatus } from '../common/order-status';

/** Order ids stay far below 2^53, up to which a number counts exactly. */
const bigintAsNumber = { from: Number, to: (value: number) => value };

const moneyAsCents = { from: decimalToCents, to: centsToDecimal };

/** An order. Only guarded statements change its status; TypeORM reads it. */
@Entity('orders')
@Check('orders_total_amount_check', 'total_amount >= 0')
@Check('orders_claim_check', `(status = 'PROCESSING') = (claimed_by IS NOT NULL)`)
@Check(
  'orders_finish_check',
  `(status IN ('COMPLETED', 'FAILED', 'CANCELLED')) = (finished_at IS NOT NULL)`,
)
@Index('orders_ready', ['nextAttemptAt', 'id'], { where: `status = 'PENDING'` })
@Index('orders_claimed', ['startedAt', 'id'], { where: `status = 'PROCESSING'` })
@Index('orders_idempotency_key', ['idempotencyKey'], {
  unique: true,
  where: 'idempotency_key IS NOT NULL',
})
@Index('orders_newest', ['createdAt', 'id'])
@Index('orders_newest_of_user', ['userId', 'createdAt', 'id'])
@Index('orders_newest_of_status', ['status', 'createdAt', 'id'])
export class Order {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'orders_pkey',
    transformer: bigintAsNumber,
  } as object)
  id!: number;

  @Column('integer', { name: 'user_id' })
  userId!: number;

  @Column('integer', { name: 'item_ids', array: true })
  itemIds!: number[];

  /** The items' prices at acceptance, decimal text; empty with CATALOG_CHECK=false. */
  @Column('numeric', { name: 'item_prices', array: true })
  itemPrices!: string[];

  @Column('numeric', { name: 'total_amount', precision: 12, scale: 2, transformer: moneyAsCents })
  totalCents!: number;

  @Column('enum', {
    enum: ORDER_STATUSES,
    enumName: 'order_status',
    default: 'PENDING',
  })
  status!: OrderStatus;

  /** How often it was claimed; also the fencing token of the claim, so it never decreases. */
  @Column('integer', { default: 0 })
  attempt!: number;

  /** Attempts that do not count against MAX_ATTEMPTS: released unfinished, or made before an operator's retry. */
  @Column('integer', { name: 'free_attempts', default: 0 })
  freeAttempts!: number;

  /** The node that has the claim; set exactly while the order is PROCESSING. */
  @Column('uuid', { name: 'claimed_by', nullable: true })
  claimedBy!: string | null;

  @Column('timestamptz', { name: 'next_attempt_at', default: () => 'now()' })
  nextAttemptAt!: Date;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  /** When the last claim was made; null while the order is PENDING. */
  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  @Column('text', { name: 'last_error', nullable: true })
  lastError!: string | null;

  /** When its cancellation was first requested while it was PROCESSING. */
  @Column('timestamptz', { name: 'cancel_requested_at', nullable: true })
  cancelRequestedAt!: Date | null;

  /** The caller's own name for the request: one key, one order (invariant I7). */
  @Column('text', { name: 'idempotency_key', nullable: true })
  idempotencyKey!: string | null;
}

/** An order without its prices, which callers do not see. */
export type OrderView = Omit<Order, 'itemPrices'>;
