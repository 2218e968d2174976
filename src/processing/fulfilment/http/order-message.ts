import type { Claim } from '../../claims/claim';

/** The body of a fulfilment call: what an order is, without its progress, so that all attempts send the same. */
export interface OrderMessage {
  readonly order_id: number;
  readonly user_id: number;
  readonly item_ids: readonly number[];
  readonly total_amount: number;
  /** RFC 3339. */
  readonly created_at: string;
}

export function messageOf({ orderId, order }: Claim): OrderMessage {
  return {
    order_id: orderId,
    user_id: order.userId,
    item_ids: order.itemIds,
    total_amount: order.totalCents / 100,
    created_at: order.createdAt.toISOString(),
  };
}
