import { Integer, Milliseconds } from './settings.decorators';

/** The worker loops and their claims. */
export class WorkerSettings {
  /** Worker loops in this process. */
  @Integer(1, 10_000)
  readonly workerCount: number = 3;

  /** How often a node reports that it is alive. */
  @Milliseconds(100)
  readonly heartbeatIntervalMs: number = 5_000;

  /** A node without a heartbeat for this long is lost and its claims expire; six heartbeats by default. */
  @Milliseconds(300)
  readonly leaseMs: number = 30_000;

  /** A claim older than this expires, even when its node is alive. */
  @Milliseconds(1_000, 604_800_000)
  readonly staleAfterMs: number = 600_000;

  /** How often the recovery job looks for expired claims and for orders that are not queued. */
  @Milliseconds(100)
  readonly recoveryIntervalMs: number = 10_000;

  /** Time for running work to finish at shutdown, before it is released. */
  @Milliseconds(0, 3_600_000)
  readonly shutdownDrainMs: number = 20_000;
}
