import { ApiProperty } from '@nestjs/swagger';
import type { Metrics } from './metrics.service';

class OrdersByStatusDto {
  @ApiProperty({ type: 'integer', example: 1 })
  PENDING!: number;

  @ApiProperty({ type: 'integer', example: 3 })
  PROCESSING!: number;

  @ApiProperty({ type: 'integer', example: 40 })
  COMPLETED!: number;

  @ApiProperty({ type: 'integer', example: 0 })
  FAILED!: number;

  @ApiProperty({ type: 'integer', example: 0 })
  CANCELLED!: number;
}

class QueueDto {
  @ApiProperty({ type: 'integer', example: 1, description: 'Order ids in the queue.' })
  depth!: number;

  @ApiProperty({ type: 'integer', example: 10000 })
  capacity!: number;

  @ApiProperty({
    type: 'number',
    nullable: true,
    example: 0.4,
    description: 'Seconds since the oldest PENDING order became due; null when none is due.',
  })
  oldest_pending_seconds!: number | null;
}

class WorkersDto {
  @ApiProperty({ type: 'integer', example: 3 })
  total!: number;

  @ApiProperty({ type: 'integer', example: 3 })
  busy!: number;
}

export class MetricsDto {
  @ApiProperty({ type: 'integer', example: 44 })
  total_orders!: number;

  @ApiProperty({ type: OrdersByStatusDto })
  orders_by_status!: OrdersByStatusDto;

  @ApiProperty({
    type: 'number',
    nullable: true,
    example: 4.512,
    description:
      'From the start of the last attempt to the end, completed orders only; null when there are none.',
  })
  average_processing_time_seconds!: number | null;

  @ApiProperty({
    type: 'number',
    nullable: true,
    example: 9.87,
    description: 'From creation to the end, completed orders only; null when there are none.',
  })
  average_completion_time_seconds!: number | null;

  @ApiProperty({ type: QueueDto })
  queue!: QueueDto;

  @ApiProperty({ type: WorkersDto })
  workers!: WorkersDto;
}

export function toMetricsDto({ orders, queue, workers }: Metrics): MetricsDto {
  const { pending, processing, completed, failed, cancelled } = orders;
  return {
    total_orders: pending + processing + completed + failed + cancelled,
    orders_by_status: {
      PENDING: pending,
      PROCESSING: processing,
      COMPLETED: completed,
      FAILED: failed,
      CANCELLED: cancelled,
    },
    average_processing_time_seconds: roundSeconds(orders.averageProcessingSeconds),
    average_completion_time_seconds: roundSeconds(orders.averageCompletionSeconds),
    queue: {
      depth: queue.depth,
      capacity: queue.capacity,
      oldest_pending_seconds: roundSeconds(queue.oldestPendingSeconds),
    },
    workers,
  };
}

/** To milliseconds: more decimals would suggest a precision that the measurement does not have. */
function roundSeconds(seconds: number | null): number | null {
  return seconds === null ? null : Math.round(seconds * 1000) / 1000;
}
