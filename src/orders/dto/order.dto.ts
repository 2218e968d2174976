import { ApiProperty } from '@nestjs/swagger';
import { ORDER_STATUSES, type OrderStatus } from '../../common/order-status';
import type { OrderView } from '../order.entity';

/** An order as the API returns it. */
export class OrderDto {
  @ApiProperty({ type: 'integer', format: 'int64', example: 5 })
  order_id!: number;

  @ApiProperty({ type: 'integer', example: 2 })
  user_id!: number;

  @ApiProperty({ type: 'array', items: { type: 'integer' }, example: [12, 3] })
  item_ids!: number[];

  @ApiProperty({ type: 'number', example: 55 })
  total_amount!: number;

  @ApiProperty({ enum: ORDER_STATUSES, enumName: 'OrderStatus', example: 'PENDING' })
  status!: OrderStatus;

  @ApiProperty({
    type: 'integer',
    example: 0,
    description: 'How many times processing has started.',
  })
  attempt!: number;

  @ApiProperty({ type: 'string', format: 'date-time', example: '2026-11-23T09:30:00.000Z' })
  created_at!: string;

  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'When the last attempt started; null while the order is waiting for one.',
  })
  started_at!: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true, example: null })
  finished_at!: string | null;

  @ApiProperty({
    type: 'string',
    nullable: true,
    example: null,
    description: 'The reason of the last failed attempt.',
  })
  last_error!: string | null;
}

export function toOrderDto(order: OrderView): OrderDto {
  return {
    order_id: order.id,
    user_id: order.userId,
    item_ids: order.itemIds,
    total_amount: order.totalCents / 100,
    status: order.status,
    attempt: order.attempt,
    created_at: order.createdAt.toISOString(),
    started_at: order.startedAt?.toISOString() ?? null,
    finished_at: order.finishedAt?.toISOString() ?? null,
    last_error: order.lastError,
  };
}
