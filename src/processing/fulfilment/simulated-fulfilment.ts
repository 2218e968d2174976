import { setTimeout as sleep } from 'node:timers/promises';
import type { FulfilmentSettings } from '../../config/fulfilment.settings';
import type { Claim } from '../claims/claim';
import { Fulfilment } from './fulfilment';

/** Stands for real work: takes a uniformly random time, and fails as often as its settings say. */
export class SimulatedFulfilment extends Fulfilment {
  constructor(private readonly settings: FulfilmentSettings) {
    super();
  }

  /**
   * @param signal ends the work at once
   * @throws an AbortError when aborted; an Error when this attempt is simulated to fail
   */
  override async fulfil(_claim: Claim, signal: AbortSignal): Promise<void> {
    const { processingMinMs, processingMaxMs, simulatedFailureRate } = this.settings;
    const ms = processingMinMs + Math.random() * (processingMaxMs - processingMinMs);
    // The shortest timer takes a millisecond, which work of no duration must not cost.
    if (ms > 0) await sleep(ms, undefined, { signal });
    if (Math.random() < simulatedFailureRate) throw new Error('simulated failure');
  }
}
