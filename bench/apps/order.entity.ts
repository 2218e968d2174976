import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** The columns that a new order fills; the others have defaults in the table. */
@Entity('orders')
export class Order {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id!: string;

  @Column('integer', { name: 'user_id' })
  userId!: number;

  @Column('integer', { name: 'item_ids', array: true })
  itemIds!: number[];

  @Column('numeric', { name: 'item_prices', array: true })
  itemPrices!: string[];

  @Column('numeric', { name: 'total_amount', precision: 12, scale: 2 })
  totalAmount!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
