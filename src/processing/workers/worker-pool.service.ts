import { BeforeApplicationShutdown, Injectable, OnModuleInit } from '@nestjs/common';
import { within } from '../../common/timeouts';
import { WorkerSettings } from '../../config/workers.settings';
import { Heartbeat } from './heartbeat';
import { RunningClaims } from './running-claims';
import { Settler } from './settler';
import { WorkerLoop } from './worker-loop';

/** Time for interrupted work to be released after the drain, before its claims are left to the rescue. */
const RELEASE_GRACE_MS = 5_000;

/** Starts the worker loops with the node, and ends them with it: the drain. */
@Injectable()
export class WorkerPool implements OnModuleInit, BeforeApplicationShutdown {
  private loops: Promise<void>[] = [];

  constructor(
    private readonly settings: WorkerSettings,
    private readonly heartbeat: Heartbeat,
    private readonly loop: WorkerLoop,
    private readonly running: RunningClaims,
    private readonly settler: Settler,
  ) {}

  get total(): number {
    return this.loops.length;
  }

  /** Loops at work. A claim that is still being settled counts as well, but never beyond the number of loops. */
  get busy(): number {
    return Math.min(this.running.size, this.total);
  }

  async onModuleInit(): Promise<void> {
    await this.heartbeat.start();
    const { workerCount } = this.settings;
    this.loops = Array.from({ length: workerCount }, () => this.loop.run(workerCount));
  }

  /**
   * The drain. There are no new claims since the dispatcher closed the queue. Running work may finish within
   * SHUTDOWN_DRAIN_MS; what is left is aborted and released at no cost of an attempt.
   */
  async beforeApplicationShutdown(): Promise<void> {
    this.loop.drain();
    const finished = this.finish();
    await within(finished, this.settings.shutdownDrainMs);
    this.running.releaseAll();
    await within(finished, RELEASE_GRACE_MS);
    this.settler.giveUp();
    await finished;
    await this.heartbeat.stop();
  }

  private async finish(): Promise<void> {
    await Promise.all(this.loops);
    await this.settler.idle();
  }
}
