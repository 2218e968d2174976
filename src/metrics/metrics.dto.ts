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
  @ApiProperty({ type: 'integer', example: 1, description: 'Order ids held in memory.' })
  depth!: number;

  @ApiProperty({ type: 'integer', example: 10000 })
  capacity!: number;

  @ApiProperty({
    type: 'number',
    nullable: true,
    example: 0.4,
    description: 'Seconds since the first order in line became due; null when none waits.',
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
    description: 'Start to finish, completed orders only; null before the first.',
  })
  average_processing_time_seconds!: number | null;

  @ApiProperty({
    type: 'number',
    nullable: true,
    example: 9.87,
    description: 'Creation to finish, completed orders only; null before the first.',
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

/** Seconds with three decimals: more would only look exact. */
function roundSeconds(seconds: number | null): number | null {
  return seconds === null ? null : Math.round(seconds * 1000) / 1000;
}
