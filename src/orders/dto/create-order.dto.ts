import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, Max, Min } from 'class-validator';
import { IsMoney } from '../../http/validation/is-money.decorator';
import { toCents } from '../../common/money';
import type { NewOrder } from '../orders.repository';

/** Ids are PostgreSQL integers. */
const MAX_ID = 2_147_483_647;

/** A bound for what one order costs to check and keep; shops split larger ones. */
export const MAX_ITEMS = 100;

export class CreateOrderDto {
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    maximum: MAX_ID,
    example: 2,
    description: 'Who orders.',
  })
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must not be less than 1' })
  @Max(MAX_ID, { message: `must not be greater than ${MAX_ID}` })
  user_id!: number;

  @ApiProperty({
    type: 'array',
    items: { type: 'integer', minimum: 1, maximum: MAX_ID },
    minItems: 1,
    maxItems: MAX_ITEMS,
    example: [12, 3],
    description: 'What is ordered; an id that stands twice is ordered twice.',
  })
  @IsArray({ message: 'must be a list' })
  @ArrayMinSize(1, { message: 'must hold at least 1 item' })
  @ArrayMaxSize(MAX_ITEMS, { message: `must hold at most ${MAX_ITEMS} items` })
  @IsInt({ each: true, message: 'must be a whole number' })
  @Min(1, { each: true, message: 'must not be less than 1' })
  @Max(MAX_ID, { each: true, message: `must not be greater than ${MAX_ID}` })
  item_ids!: number[];

  @ApiProperty({
    type: 'number',
    minimum: 0,
    maximum: 9_999_999_999.99,
    multipleOf: 0.01,
    example: 55,
    description: "The sum of the items' prices in the catalog, with at most two decimals.",
  })
  @IsMoney()
  total_amount!: number;
}

export function toNewOrder(body: CreateOrderDto, idempotencyKey: string | undefined): NewOrder {
  return {
    userId: body.user_id,
    itemIds: body.item_ids,
    // Validation has made sure that it is an amount of money.
    totalCents: toCents(body.total_amount) ?? 0,
    idempotencyKey,
  };
}
