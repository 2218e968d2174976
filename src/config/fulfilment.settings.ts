import { IsOptional, Matches } from 'class-validator';
import { Address, Fraction, Milliseconds, OneOf, Whole } from './settings.decorators';

export const FULFILMENTS = ['simulated', 'http'] as const;

/** `whsec_`, then 24 to 64 bytes in base64: the form and the lengths that Standard Webhooks asks for. */
const WEBHOOK_SECRET =
  /^whsec_(?=.{32,88}$)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Who does the work on an order. */
export class FulfilmentSettings {
  /** Who does the work: nobody, for a time between the two below, or the endpoint at `fulfilmentUrl`. */
  @OneOf(FULFILMENTS)
  readonly fulfilment: (typeof FULFILMENTS)[number] = 'simulated';

  /** Where the http fulfilment posts orders to. */
  @IsOptional()
  @Address('http', 'https')
  readonly fulfilmentUrl: string | undefined = undefined;

  /** Unset: what is posted is not signed. */
  @IsOptional()
  @Matches(WEBHOOK_SECRET, { message: 'takes whsec_ and then 24 to 64 bytes in base64' })
  readonly fulfilmentSecret: string | undefined = undefined;

  /** Of a whole call, from connecting to the answer's end; an attempt that takes longer has failed. */
  @Milliseconds(100)
  readonly fulfilmentTimeoutMs: number = 10_000;

  /** Failed attempts in a row after which nobody is asked for a while. */
  @Whole(1, 10_000)
  readonly fulfilmentBreakerFailures: number = 10;

  /** How long that while is, before one attempt tries again. */
  @Milliseconds(100)
  readonly fulfilmentBreakerPauseMs: number = 5_000;

  /** Shortest work of the simulated fulfilment. */
  @Milliseconds(0)
  readonly processingMinMs: number = 2_000;

  /** Longest work of the simulated fulfilment. */
  @Milliseconds(0)
  readonly processingMaxMs: number = 7_000;

  /** Share of simulated fulfilments that fail. */
  @Fraction()
  readonly simulatedFailureRate: number = 0;
}
