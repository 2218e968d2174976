import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, IsNumber, Max, Min } from 'class-validator';

const MAX_ID = 2_147_483_647;

/** The service's request body, validated as Nest's documentation shows it. */
export class CreateOrderDto {
  @IsInt()
  @Min(1)
  @Max(MAX_ID)
  user_id!: number;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsInt({ each: true })
  @Min(1, { each: true })
  @Max(MAX_ID, { each: true })
  item_ids!: number[];

  @IsNumber({ maxDecimalPlaces: 2 })
  @Min(0)
  @Max(9_999_999_999.99)
  total_amount!: number;
}
