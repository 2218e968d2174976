import { Column, Entity, PrimaryColumn } from 'typeorm';

const count = { type: 'bigint', default: 0 } as const;

/** One shard of the counters, kept by the triggers on `orders`; only the sum over all shards means something. */
@Entity('order_status_counters')
export class OrderStatusCounter {
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'order_status_counters_pkey' })
  shard!: number;

  @Column(count)
  pending!: string;

  @Column(count)
  processing!: string;

  @Column(count)
  completed!: string;

  @Column(count)
  failed!: string;

  @Column(count)
  cancelled!: string;

  /** Microseconds from start to finish, over the completed orders. */
  @Column({ ...count, name: 'processing_us' })
  processingUs!: string;

  /** Microseconds from creation to finish, over the completed orders. */
  @Column({ ...count, name: 'completion_us' })
  completionUs!: string;
}
