import { Injectable } from '@nestjs/common';
import { sleep } from '../common/sleep';
import { Settings } from '../config/settings';
import type { Claim } from '../orders/claim';

/** Stands in for real work: takes a uniformly random time, and fails as often as it is told to. */
@Injectable()
export class SimulatedFulfilment {
  constructor(private readonly settings: Settings) {}

  /**
   * @param signal ends the work at once
   * @throws the signal's reason when aborted; an Error when this attempt is simulated to fail
   */
  async fulfil(_claim: Claim, signal: AbortSignal): Promise<void> {
    const { processingMinMs, processingMaxMs, simulatedFailureRate } = this.settings;
    const ms = processingMinMs + Math.random() * (processingMaxMs - processingMinMs);
    // A timer takes a millisecond at least, which no work at all must not cost.
    if (ms > 0) await sleep(ms, signal);
    if (Math.random() < simulatedFailureRate) throw new Error('simulated failure');
  }
}
