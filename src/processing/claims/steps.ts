import { decimalToCents } from '../../common/money';
import type { Claim, Step, StepResult } from './claim';
import type { StepParams, StepRow } from './claims.sql';

/** The parameters of the statement that carries out these steps of one node. */
export function toParams(steps: readonly Step[], nodeId: string): StepParams {
  // In the order of ids, so that two batches that meet the same rows lock them in the same order.
  const settles = steps
    .filter((step) => 'settle' in step)
    .sort((a, b) => a.settle.orderId - b.settle.orderId);
  const claimedIds = steps.flatMap((step) => ('claimOrderId' in step ? [step.claimOrderId] : []));
  return [
    settles.map(({ settle }) => settle.orderId),
    settles.map(({ settle }) => settle.attempt),
    settles.map(({ outcome }) => outcome.status),
    settles.map(({ outcome }) => ('delayMs' in outcome ? outcome.delayMs : 0)),
    settles.map(({ outcome }) => ('released' in outcome ? 1 : 0)),
    settles.map(({ outcome }) => ('error' in outcome ? outcome.error : null)),
    nodeId,
    claimedIds.sort((a, b) => a - b),
  ];
}

/** @returns the result of each step, in the order of the steps */
export function toResults(steps: readonly Step[], rows: readonly StepRow[]): StepResult[] {
  const settledAttempts = new Map<number, number>();
  const claims = new Map<number, Claim>();
  for (const row of rows) {
    if (row.settled) settledAttempts.set(row.id, row.attempt);
    else claims.set(row.id, toClaim(row));
  }
  return steps.map((step) => {
    if ('settle' in step) {
      const { orderId, attempt } = step.settle;
      return { settled: settledAttempts.get(orderId) === attempt, claim: undefined };
    }
    // Each claim goes to one caller only, though two may have asked for the same order in one batch.
    const claim = claims.get(step.claimOrderId);
    claims.delete(step.claimOrderId);
    return { settled: false, claim };
  });
}

function toClaim(row: Extract<StepRow, { settled: false }>): Claim {
  return {
    orderId: row.id,
    attempt: row.attempt,
    freeAttempts: row.free_attempts,
    order: {
      userId: row.user_id,
      itemIds: row.item_ids,
      totalCents: decimalToCents(row.total_amount),
      createdAt: new Date(row.created_ms),
    },
  };
}
