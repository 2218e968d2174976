import type { CreateOrderDto } from './create-order.dto';

/** The service's response to a new order. */
export interface OrderAnswer {
  readonly order_id: number;
  readonly user_id: number;
  readonly item_ids: readonly number[];
  readonly total_amount: number;
  readonly status: string;
  readonly attempt: number;
  readonly created_at: string;
  readonly started_at: null;
  readonly finished_at: null;
  readonly last_error: null;
}

export function answer(id: number, order: CreateOrderDto, createdAt: Date): OrderAnswer {
  return {
    order_id: id,
    user_id: order.user_id,
    item_ids: order.item_ids,
    total_amount: order.total_amount,
    status: 'PENDING',
    attempt: 0,
    created_at: createdAt.toISOString(),
    started_at: null,
    finished_at: null,
    last_error: null,
  };
}
