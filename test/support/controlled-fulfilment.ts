import type { Claim } from '../../src/processing/claims/claim';
import { until } from './until';

interface Job {
  readonly claim: Claim;
  readonly signal: AbortSignal;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Holds each order in mid-flight until the test lets it go. */
export class ControlledFulfilment {
  /** Every attempt that was ever started. */
  readonly started: Claim[] = [];
  private jobs: Job[] = [];
  /** Set: what each attempt does at once, instead of being held. */
  behaviour: ((claim: Claim, signal: AbortSignal) => Promise<void>) | undefined;

  fulfil(claim: Claim, signal: AbortSignal): Promise<void> {
    this.started.push(claim);
    if (this.behaviour) return this.behaviour(claim, signal);
    return new Promise((resolve, reject) => {
      const job: Job = { claim, signal, resolve, reject };
      this.jobs.push(job);
      signal.addEventListener('abort', () => {
        this.finish(job, () => {
          reject(signal.reason as Error);
        });
      });
    });
  }

  get held(): readonly Claim[] {
    return this.jobs.map(({ claim }) => claim);
  }

  /** Resolves once the order is held in mid-flight. */
  async holds(orderId: number): Promise<Claim> {
    await until(`order ${orderId} is being worked on`, () => this.find(orderId) !== undefined);
    return this.required(orderId).claim;
  }

  complete(orderId: number): void {
    const job = this.required(orderId);
    this.finish(job, job.resolve);
  }

  fail(orderId: number, message: string): void {
    const job = this.required(orderId);
    this.finish(job, () => {
      job.reject(new Error(message));
    });
  }

  /** Lets everything that is held complete. */
  completeAll(): void {
    for (const job of [...this.jobs]) this.finish(job, job.resolve);
  }

  private finish(job: Job, end: () => void): void {
    this.jobs = this.jobs.filter((other) => other !== job);
    end();
  }

  private find(orderId: number): Job | undefined {
    return this.jobs.find(({ claim }) => claim.orderId === orderId);
  }

  private required(orderId: number): Job {
    const job = this.find(orderId);
    if (!job) throw new Error(`Order ${orderId} is not held`);
    return job;
  }
}
