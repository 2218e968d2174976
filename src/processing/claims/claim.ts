import type { OrderStatus } from '../../common/order-status';

/** A node's right to work on an order, until it settles the order or loses it. */
export interface Claim {
  readonly orderId: number;
  /** The fencing token: settling counts only while the order still stands at this attempt. */
  readonly attempt: number;
  /** How many of the attempts don't count against MAX_ATTEMPTS. */
  readonly uncounted: number;
}

/** How a claim ends. */
export type Outcome =
  | { readonly status: 'COMPLETED' | 'CANCELLED' }
  | { readonly status: 'FAILED'; readonly error: string }
  /** Retry after `delayMs`; costs an attempt. */
  | { readonly status: 'PENDING'; readonly delayMs: number; readonly error: string }
  /** Given back unfinished; costs no attempt. */
  | { readonly status: 'PENDING'; readonly delayMs: number; readonly released: true };

/** One step of a worker: end a claim, or make one. */
export type Turn =
  | { readonly settle: Claim; readonly outcome: Outcome; readonly nodeId: string }
  | { readonly claim: number; readonly nodeId: string };

/** What became of a turn: settled or not, claimed or not. */
export interface TurnResult {
  readonly settled: boolean;
  readonly claim: Claim | undefined;
}

/** What a rescue did with one order. */
export interface Rescued {
  readonly orderId: number;
  readonly attempt: number;
  readonly nodeId: string;
  readonly status: OrderStatus;
}
