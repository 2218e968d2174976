import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray } from 'class-validator';
import { MAX_ID } from '../../common/max-id';
import { toCents } from '../../common/money';
import { IsIntegerBetween } from '../../http/validation/is-integer-between.decorator';
import { IsMoney, MAX_AMOUNT } from '../../http/validation/is-money.decorator';
import type { NewOrder } from '../orders.repository';

/** Bounds what one order costs to check and to store; a shop splits a larger one. */
export const MAX_ITEMS = 100;

/** The lowest decorator of a field is checked first. */
export class CreateOrderDto {
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    maximum: MAX_ID,
    example: 2,
    description: 'The user who orders.',
  })
  @IsIntegerBetween(1, MAX_ID)
  user_id!: number;

  @ApiProperty({
    type: 'array',
    items: { type: 'integer', minimum: 1, maximum: MAX_ID },
    minItems: 1,
    maxItems: MAX_ITEMS,
    example: [12, 3],
    description: 'The ordered items. An id that is listed twice is ordered, and charged, twice.',
  })
  @IsIntegerBetween(1, MAX_ID, { each: true })
  @ArrayMaxSize(MAX_ITEMS, { message: `must contain at most ${MAX_ITEMS} items` })
  @ArrayMinSize(1, { message: 'must contain at least 1 item' })
  @IsArray({ message: 'must be an array' })
  item_ids!: number[];

  @ApiProperty({
    type: 'number',
    minimum: 0,
    maximum: MAX_AMOUNT,
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
