import { IsOptional, Matches } from 'class-validator';
import { Fraction, Integer, Milliseconds, OneOf, Url } from './settings.decorators';

export const FULFILMENTS = ['simulated', 'http'] as const;

/** `whsec_` followed by 24 to 64 bytes in base64, as the Standard Webhooks specification requires. */
const WEBHOOK_SECRET =
  /^whsec_(?=.{32,88}$)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** How orders are fulfilled. */
export class FulfilmentSettings {
  /** `simulated` waits for a random time and does no work; `http` posts each order to `fulfilmentUrl`. */
  @OneOf(FULFILMENTS)
  readonly fulfilment: (typeof FULFILMENTS)[number] = 'simulated';

  /** The endpoint of the http fulfilment. */
  @IsOptional()
  @Url('http', 'https')
  readonly fulfilmentUrl: string | undefined = undefined;

  /** Signs the requests of the http fulfilment. Unset: they are not signed. */
  @IsOptional()
  @Matches(WEBHOOK_SECRET, { message: 'must be whsec_ followed by 24 to 64 bytes in base64' })
  readonly fulfilmentSecret: string | undefined = undefined;

  /** Time limit of a whole call, from connecting to the end of the response. */
  @Milliseconds(100)
  readonly fulfilmentTimeoutMs: number = 10_000;

  /** Consecutive failed attempts that open the circuit. */
  @Integer(1, 10_000)
  readonly fulfilmentBreakerFailures: number = 10;

  /** How long the circuit stays open before a single attempt is made. */
  @Milliseconds(100)
  readonly fulfilmentBreakerPauseMs: number = 5_000;

  /** Shortest time of the simulated fulfilment. */
  @Milliseconds(0)
  readonly processingMinMs: number = 2_000;

  /** Longest time of the simulated fulfilment. */
  @Milliseconds(0)
  readonly processingMaxMs: number = 7_000;

  /** Share of simulated fulfilments that fail, from 0 to 1. */
  @Fraction()
  readonly simulatedFailureRate: number = 0;
}
