import type { ProblemKind } from './problem-kind';

const CREATE = '/order/create_order';

/** Problems of valid requests that the orders or the catalog do not allow. */
export const ORDER_PROBLEMS = {
  order_not_found: {
    status: 404,
    title: 'Order not found',
    cause: 'No order has this id.',
    remedy: 'Use the order_id that create_order returned, or look it up with list_orders.',
    example: { detail: 'There is no order 999.', instance: '/order/get_order/999' },
  },
  cancel_too_late: {
    status: 409,
    title: 'Too late to cancel',
    cause: 'The order has already completed or failed.',
    remedy: 'Read the order with get_order. A completed order cannot be undone here.',
    example: {
      detail: 'Order 2 is COMPLETED. Only a PENDING or PROCESSING order can be cancelled.',
      instance: '/order/cancel_order/2',
    },
  },
  not_failed: {
    status: 409,
    title: 'Order has not failed',
    cause: 'A retry was requested for an order that is not FAILED.',
    remedy: 'None is needed: the order is still being worked on, or is in a final status.',
    example: {
      detail: 'Order 2 is COMPLETED. Only a FAILED order can be retried.',
      instance: '/order/retry_order/2',
    },
  },
  unknown_user: {
    status: 422,
    title: 'Unknown user',
    cause: 'The user_id is not in the catalog.',
    remedy: 'Send the id of an existing user.',
    example: {
      detail: 'The catalog has no user 999. Send the id of an existing user.',
      instance: CREATE,
      errors: [{ pointer: '/user_id', message: 'must be the id of an existing user' }],
    },
  },
  unknown_item: {
    status: 422,
    title: 'Unknown item',
    cause: 'At least one of the item_ids is not in the catalog.',
    remedy: 'Remove or replace the ids that errors points at.',
    example: {
      detail: 'The catalog has no item 888. Send ids of existing items only.',
      instance: CREATE,
      errors: [{ pointer: '/item_ids/1', message: 'must be the id of an existing item' }],
    },
  },
  total_mismatch: {
    status: 422,
    title: 'Total amount does not match the items',
    cause: "The total_amount is not the sum of the catalog's current prices of the items.",
    remedy: 'Send the total that the detail gives, or quote the prices to the customer again.',
    example: {
      detail: "The catalog's prices of these items add up to 55.00.",
      instance: CREATE,
      errors: [{ pointer: '/total_amount', message: 'must be 55.00' }],
    },
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency-Key already used',
    cause: 'An order with another body was created with the same Idempotency-Key.',
    remedy: 'Use a new key for each new order, and the same key only to repeat a request.',
    example: {
      detail:
        'An order with another body was created with this Idempotency-Key. Send a new key with a new order.',
      instance: CREATE,
    },
  },
} as const satisfies Readonly<Record<string, ProblemKind>>;
