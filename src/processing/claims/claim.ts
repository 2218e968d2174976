import type { OrderStatus } from '../../common/order-status';

/** What fulfilment needs to know of an order. None of it ever changes, so every attempt sees the same. */
export interface OrderContents {
  readonly userId: number;
  readonly itemIds: readonly number[];
  readonly totalCents: number;
  readonly createdAt: Date;
}

/** A node's right to work on an order, until the node settles the order or loses the claim. */
export interface Claim {
  readonly orderId: number;
  /** The fencing token: a settle takes effect only while the order still has this attempt. */
  readonly attempt: number;
  /** How many of the attempts so far do not count against MAX_ATTEMPTS. */
  readonly freeAttempts: number;
  readonly order: OrderContents;
}

/** How a claim ends. */
export type Outcome =
  | { readonly status: 'COMPLETED' | 'CANCELLED' }
  | { readonly status: 'FAILED'; readonly error: string }
  /** Retry after `delayMs`; costs an attempt. */
  | { readonly status: 'PENDING'; readonly delayMs: number; readonly error: string }
  /** Released unfinished, ready again after `delayMs`; costs no attempt. */
  | { readonly status: 'PENDING'; readonly delayMs: number; readonly released: true };

/** One step of a worker loop: settle a claim, or claim an order. */
export type Step =
  { readonly settle: Claim; readonly outcome: Outcome } | { readonly claimOrderId: number };

/** The result of a step: whether it settled its claim, or the claim that it made. */
export interface StepResult {
  readonly settled: boolean;
  readonly claim: Claim | undefined;
}

/** A claim whose work must be aborted: another node has the order, or its cancellation was requested. */
export interface InterruptedClaim {
  readonly claim: Claim;
  readonly why: 'lost' | 'cancelled';
}

/**
 * What became of a claim that was to be settled. Lost: the node no longer has it, so nothing has changed (invariant I4).
 * Locked: another transaction holds a lock on the order, so it was passed over and may be settled later.
 */
export type SettleResult = 'settled' | 'lost' | 'locked';

/** What a rescue did with one order. */
export interface RescuedClaim {
  readonly orderId: number;
  readonly attempt: number;
  /** The node that had the claim. */
  readonly nodeId: string;
  /** The order's status now. */
  readonly status: OrderStatus;
}
