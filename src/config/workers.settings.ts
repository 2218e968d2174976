import { Milliseconds, Whole } from './settings.decorators';

/** Worker loops and their claims. */
export class WorkerSettings {
  /** Worker loops in this process. */
  @Whole(1, 10_000)
  readonly workerCount: number = 3;

  @Milliseconds(100)
  readonly heartbeatIntervalMs: number = 5_000;

  /** A node that has not beaten for this long counts as dead; six beats by default. */
  @Milliseconds(300)
  readonly leaseMs: number = 30_000;

  /** A claim older than this is taken away, whoever holds it. */
  @Milliseconds(1_000, 604_800_000)
  readonly staleAfterMs: number = 600_000;

  @Milliseconds(100)
  readonly recoveryIntervalMs: number = 10_000;

  /** Time for running work to finish at shutdown, before it is released. */
  @Milliseconds(0, 3_600_000)
  readonly shutdownDrainMs: number = 20_000;
}
