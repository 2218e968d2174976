import { Logger } from '@nestjs/common';
import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { FulfilmentFailed, FulfilmentPaused, FulfilmentRefused } from '../fulfilment';

/**
 * Spares an endpoint that is down, and the orders their attempts: after so many failures in a row the circuit opens
 * and nobody is asked. After the pause one call probes; its answer closes the circuit, else the next pause begins.
 *
 * A refusal is the answer of a healthy endpoint. An aborted call says nothing: outside of a probe it doesn't count.
 */
export class FulfilmentCircuit {
  private readonly logger = new Logger(FulfilmentCircuit.name);
  private readonly breaker: CircuitBreakerPolicy;

  /** @param failures in a row, from 1 */
  constructor(
    failures: number,
    private readonly pauseMs: number,
  ) {
    // Whatever else a probe throws would close the circuit, though no answer has come.
    const counts = (error: Error) => this.probing || error instanceof FulfilmentFailed;
    this.breaker = circuitBreaker(handleWhen(counts), {
      breaker: new ConsecutiveBreaker(failures),
      halfOpenAfter: pauseMs,
    });
    this.breaker.onBreak(() => {
      this.logger.warn(`Fulfilment fails, orders wait; next try in ${pauseMs} ms`);
    });
    this.breaker.onReset(() => {
      this.logger.log('Fulfilment works again');
    });
  }

  /** @throws FulfilmentPaused without a call while the circuit is open; else what the call throws */
  async run(call: () => Promise<void>): Promise<void> {
    // The library would let the others wait for the probe, deaf to their own abort signals.
    if (this.probing) throw new FulfilmentPaused(this.pauseMs);
    const refusal = await this.guarded(call);
    if (refusal) throw refusal;
  }

  private get probing(): boolean {
    return this.breaker.state === CircuitState.HalfOpen;
  }

  private async guarded(call: () => Promise<void>): Promise<FulfilmentRefused | undefined> {
    try {
      return await this.breaker.execute(() => refusalOf(call));
    } catch (error) {
      throw error instanceof BrokenCircuitError ? new FulfilmentPaused(this.pauseMs) : error;
    }
  }
}

/** As a value, a refusal ends a row of failures; a thrown one would leave their count as it is. */
async function refusalOf(call: () => Promise<void>): Promise<FulfilmentRefused | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (error instanceof FulfilmentRefused) return error;
    throw error;
  }
}
