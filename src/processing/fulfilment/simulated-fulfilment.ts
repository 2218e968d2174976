import { sleep } from '../../common/sleep';
import { FulfilmentSettings } from '../../config/fulfilment.settings';
import type { Claim } from '../claims/claim';
import { Fulfilment } from './fulfilment';

/** Stands in for real work: takes a uniformly random time, and fails as often as it is told to. */
export class SimulatedFulfilment extends Fulfilment {
  constructor(private readonly settings: FulfilmentSettings) {
    super();
  }

  /**
   * @param signal ends the work at once
   * @throws the signal's reason when aborted; an Error when this attempt is simulated to fail
   */
  override async fulfil(_claim: Claim, signal: AbortSignal): Promise<void> {
    const { processingMinMs, processingMaxMs, simulatedFailureRate } = this.settings;
    const ms = processingMinMs + Math.random() * (processingMaxMs - processingMinMs);
    // A timer takes a millisecond at least, which no work at all must not cost.
    if (ms > 0) await sleep(ms, signal);
    if (Math.random() < simulatedFailureRate) throw new Error('simulated failure');
  }
}
