import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ORDER_STATUSES } from '../common/order-status';

/** One status change (invariant I6), written by the triggers on `orders`; never changed. */
@Entity('order_events')
@Index('order_events_order', ['orderId', 'id'])
export class OrderEvent {
  /** The transaction that wrote it; readers go by (tx, id). */
  @PrimaryColumn('bigint', {
    primaryKeyConstraintName: 'order_events_pkey',
    // Its casts, which TypeORM drops when it reads the schema, are in the migration.
    default: () => '((pg_current_xact_id()))',
  })
  tx!: string;

  @PrimaryColumn('bigint', {
    generated: 'identity',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'order_events_pkey',
  } as object)
  id!: string;

  @Column('bigint', { name: 'order_id' })
  orderId!: string;

  @Column('enum', {
    name: 'from_status',
    enum: ORDER_STATUSES,
    enumName: 'order_status',
    nullable: true,
  })
  fromStatus!: string | null;

  @Column('enum', { name: 'to_status', enum: ORDER_STATUSES, enumName: 'order_status' })
  toStatus!: string;

  @Column('integer')
  attempt!: number;

  /** Why the order waits again or failed; null otherwise. */
  @Column('text', { nullable: true })
  detail!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
