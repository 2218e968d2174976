import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsDate, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { MAX_ID } from '../../common/max-id';
import { ORDER_STATUSES, type OrderStatus } from '../../common/order-status';
import {
  integerMessage,
  IsIntegerBetween,
} from '../../http/validation/is-integer-between.decorator';
import type { OrderFilter } from '../orders.repository';
import type { OrderPage } from '../orders.service';
import { CURSOR_MESSAGE, decodeCursor, encodeCursor } from '../page-cursor';
import { OrderDto, toOrderDto } from './order.dto';

const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 20;

/** An example of an invalid field, for the API's documentation. */
export const INVALID_LIMIT = { pointer: '/limit', message: integerMessage(1, MAX_LIMIT) };

/** Characters; a cursor of ours has about 20. */
const MAX_CURSOR_LENGTH = 64;

/** RFC 3339. `Date` alone would accept other forms, and years that PostgreSQL does not. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

const DATE_TIME_MESSAGE = 'must be an RFC 3339 date-time, e.g. 2026-11-23T09:30:00Z';

/** Text that is no date-time stays text, so that `@IsDate` refuses it. */
function ToDate(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && DATE_TIME.test(value) ? new Date(value) : value,
  );
}

/** The lowest decorator of a field is checked first. */
export class ListOrdersDto {
  @ApiPropertyOptional({ enum: ORDER_STATUSES, enumName: 'OrderStatus' })
  @IsOptional()
  @IsIn(ORDER_STATUSES, { message: `must be one of ${ORDER_STATUSES.join(', ')}` })
  status?: OrderStatus;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_ID, example: 2 })
  @IsOptional()
  @Type(() => Number)
  @IsIntegerBetween(1, MAX_ID)
  user_id?: number;

  @ApiPropertyOptional({
    type: 'string',
    format: 'date-time',
    description: 'Only orders created after this time.',
  })
  @IsOptional()
  @ToDate()
  @IsDate({ message: DATE_TIME_MESSAGE })
  created_after?: Date;

  @ApiPropertyOptional({
    type: 'string',
    format: 'date-time',
    description: 'Only orders created before this time.',
  })
  @IsOptional()
  @ToDate()
  @IsDate({ message: DATE_TIME_MESSAGE })
  created_before?: Date;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })
  @IsOptional()
  @Type(() => Number)
  @IsIntegerBetween(1, MAX_LIMIT)
  limit: number = DEFAULT_LIMIT;

  @ApiPropertyOptional({ description: 'The `next_cursor` of the previous page.' })
  @IsOptional()
  @MaxLength(MAX_CURSOR_LENGTH, { message: CURSOR_MESSAGE })
  @IsString({ message: CURSOR_MESSAGE })
  cursor?: string;
}

export class OrderListDto {
  @ApiProperty({ type: [OrderDto], description: 'Newest first.' })
  orders!: OrderDto[];

  @ApiProperty({
    type: 'string',
    nullable: true,
    example: null,
    description: 'Send it as `cursor` to get the next page; null on the last page.',
  })
  next_cursor!: string | null;
}

/** @throws ValidationError when the cursor is not one that {@link encodeCursor} made */
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
