import { Check, Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('items')
@Check('items_price_check', 'price >= 0')
export class Item {
  @PrimaryGeneratedColumn('identity', {
    type: 'integer',
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'items_pkey',
  })
  id!: number;

  @Column('text')
  name!: string;

  /** Decimal text with two places, as SQL gives it. */
  @Column('numeric', { precision: 12, scale: 2 })
  price!: string;
}
