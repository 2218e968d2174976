import { Injectable } from '@nestjs/common';
import { untilAborted } from '../../common/timeouts';
import { RetrySettings } from '../../config/retry.settings';
import type { Claim, Outcome } from '../claims/claim';
import { Fulfilment } from '../fulfilment/fulfilment';
import { Interruption } from './interruption';
import { outcomeOfFailure, outcomeOfInterruption } from './outcome';

/** Carries out one attempt to fulfil an order. Never throws: whatever happens is an outcome. */
@Injectable()
export class AttemptRunner {
  constructor(
    private readonly fulfilment: Fulfilment,
    private readonly retry: RetrySettings,
  ) {}

  /**
   * @param signal ends the attempt at once, even if the fulfilment does not heed it
   * @returns how the claim ends; undefined when it was lost meanwhile, so that there is nothing to settle
   */
  async run(claim: Claim, signal: AbortSignal): Promise<Outcome | undefined> {
    try {
      signal.throwIfAborted();
      await untilAborted(this.fulfilment.fulfil(claim, signal), signal);
      return { status: 'COMPLETED' };
    } catch (error) {
      const reason: unknown = signal.reason;
      return reason instanceof Interruption
        ? outcomeOfInterruption(reason)
        : outcomeOfFailure(claim, error, this.retry);
    }
  }
}
