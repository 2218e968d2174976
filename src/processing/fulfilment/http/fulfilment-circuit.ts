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
 * The circuit breaker before an endpoint: after a number of failures in a row the circuit opens, and no call is made, so
 * that orders keep their attempts. After the pause one call probes the endpoint; its answer closes the circuit, and its
 * failure begins the next pause.
 *
 * A refusal is the answer of a healthy endpoint. An aborted call proves nothing: except for the probe it does not count.
 */
export class FulfilmentCircuit {
  private readonly logger = new Logger(FulfilmentCircuit.name);
  private readonly breaker: CircuitBreakerPolicy;

  /** @param failures in a row, from 1 */
  constructor(
    failures: number,
    private readonly pauseMs: number,
  ) {
    // Anything else that a probe throws would close the circuit, although no answer has arrived.
    const counts = (error: Error) => this.probing || error instanceof FulfilmentFailed;
    this.breaker = circuitBreaker(handleWhen(counts), {
      breaker: new ConsecutiveBreaker(failures),
      halfOpenAfter: pauseMs,
    });
    this.breaker.onBreak(() => {
      this.logger.warn(
        `Fulfilment circuit opened: orders wait as PENDING. Next try in ${pauseMs} ms.`,
      );
    });
    this.breaker.onReset(() => {
      this.logger.log('Fulfilment circuit closed: the endpoint answers again.');
    });
  }

  /** @throws FulfilmentPaused without a call while the circuit is open; else what the call throws */
  async run(call: () => Promise<void>): Promise<void> {
    // The library would let other calls wait for the probe without heeding their abort signals.
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

/** As a value, a refusal ends a row of failures; thrown, it would leave their count as it is. */
async function refusalOf(call: () => Promise<void>): Promise<FulfilmentRefused | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (error instanceof FulfilmentRefused) return error;
    throw error;
  }
}
