import { ApiProperty } from '@nestjs/swagger';
import type { HistoryEvent } from './history.service';

class OrderEventDto {
  @ApiProperty({ type: 'integer', format: 'int64', example: 17 })
  event_id!: number;

  @ApiProperty({
    type: 'string',
    nullable: true,
    example: 'PENDING',
    description: 'null when the order was accepted.',
  })
  from_status!: string | null;

  @ApiProperty({ example: 'PROCESSING' })
  to_status!: string;

  @ApiProperty({ type: 'integer', example: 1 })
  attempt!: number;

  @ApiProperty({
    type: 'string',
    nullable: true,
    example: null,
    description: 'The reason when an attempt failed or was interrupted; null otherwise.',
  })
  detail!: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', example: '2026-11-23T09:30:00.000Z' })
  at!: string;
}

export class OrderHistoryDto {
  @ApiProperty({ type: 'integer', format: 'int64', example: 2 })
  order_id!: number;

  @ApiProperty({ type: [OrderEventDto], description: 'Oldest first.' })
  events!: OrderEventDto[];
}

export function toOrderHistoryDto(
  orderId: number,
  events: readonly HistoryEvent[],
): OrderHistoryDto {
  return {
    order_id: orderId,
    events: events.map((event) => ({
      event_id: event.id,
      from_status: event.fromStatus,
      to_status: event.toStatus,
      attempt: event.attempt,
      detail: event.detail,
      at: event.at.toISOString(),
    })),
  };
}
