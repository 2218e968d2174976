import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsDate, IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { ORDER_STATUSES, type OrderStatus } from '../order-status';
import type { OrderFilter } from '../orders.repository';
import type { OrderPage } from '../orders.service';
import { decodeCursor, encodeCursor } from '../page-cursor';
import { OrderDto, toOrderDto } from './order.dto';

const MAX_ID = 2_147_483_647;
const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 20;
const MAX_CURSOR_LENGTH = 64;

/** RFC 3339. `Date` would guess at much else, and take years that PostgreSQL does not. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** Text that is no moment stays as it is, so that the check refuses it. */
function ToMoment(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && MOMENT.test(value) ? new Date(value) : value,
  );
}

export class ListOrdersDto {
  @ApiPropertyOptional({ enum: ORDER_STATUSES, enumName: 'OrderStatus' })
  @IsOptional()
  @IsIn(ORDER_STATUSES, { message: `must be one of ${ORDER_STATUSES.join(', ')}` })
  status?: OrderStatus;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_ID, example: 2 })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must not be less than 1' })
  @Max(MAX_ID, { message: `must not be greater than ${MAX_ID}` })
  user_id?: number;

  @ApiPropertyOptional({
    type: 'string',
    format: 'date-time',
    description: 'Only orders created after this moment (RFC 3339).',
  })
  @IsOptional()
  @ToMoment()
  @IsDate({ message: 'must be a moment such as 2026-11-23T09:30:00Z' })
  created_after?: Date;

  @ApiPropertyOptional({
    type: 'string',
    format: 'date-time',
    description: 'Only orders created before this moment (RFC 3339).',
  })
  @IsOptional()
  @ToMoment()
  @IsDate({ message: 'must be a moment such as 2026-11-23T09:30:00Z' })
  created_before?: Date;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must not be less than 1' })
  @Max(MAX_LIMIT, { message: `must not be greater than ${MAX_LIMIT}` })
  limit: number = DEFAULT_LIMIT;

  @ApiPropertyOptional({ description: 'The `next_cursor` of the page before.' })
  @IsOptional()
  @IsString({ message: 'must be the next_cursor of an earlier page' })
  @MaxLength(MAX_CURSOR_LENGTH, { message: 'must be the next_cursor of an earlier page' })
  cursor?: string;
}

export class OrderListDto {
  @ApiProperty({ type: [OrderDto], description: 'Newest first.' })
  orders!: OrderDto[];

  @ApiProperty({
    type: 'string',
    nullable: true,
    example: null,
    description: 'Send it as `cursor` for the next page; null on the last.',
  })
  next_cursor!: string | null;
}

/** @throws ValidationError when the cursor is not one of ours */
export function toOrderFilter(query: ListOrdersDto): OrderFilter {
  return {
    status: query.status,
    userId: query.user_id,
    createdAfter: query.created_after,
    createdBefore: query.created_before,
    afterId: decodeCursor(query.cursor),
    limit: query.limit,
  };
}

export function toOrderListDto({ orders, nextAfterId }: OrderPage): OrderListDto {
  return { orders: orders.map(toOrderDto), next_cursor: encodeCursor(nextAfterId) };
}
