import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { OrderSignals } from '../../orders/order-signals.service';
import type { Claim } from '../claims/claim';
import { Interruption } from './interruption';

/** The claims that the worker loops of this node have, each with the signal that aborts its work. */
@Injectable()
export class RunningClaims implements OnModuleInit, OnApplicationShutdown {
  /** By claim, not by order: an order may be claimed again after a rescue while its old loop has not noticed yet. */
  private readonly running = new Map<Claim, AbortController>();
  private subscription: Subscription | undefined;
  private released = false;

  constructor(private readonly signals: OrderSignals) {}

  onModuleInit(): void {
    // Requests that this node received. Those of other nodes are found by the heartbeat.
    this.subscription = this.signals.cancelRequested.subscribe(({ id, attempt }) => {
      this.interrupt(id, attempt, 'cancelled');
    });
  }

  onApplicationShutdown(): void {
    this.subscription?.unsubscribe();
  }

  get size(): number {
    return this.running.size;
  }

  list(): Claim[] {
    return [...this.running.keys()];
  }

  /** @returns the signal that aborts the work on the claim; its reason is an {@link Interruption} */
  add(claim: Claim): AbortSignal {
    const controller = new AbortController();
    // A claim whose answer arrived late, after the others were released.
    if (this.released) controller.abort(new Interruption('shutdown'));
    this.running.set(claim, controller);
    return controller.signal;
  }

  remove(claim: Claim): void {
    this.running.delete(claim);
  }

  /** Aborts the work on one attempt of an order at once. No effect when no loop of this node works on it. */
  interrupt(orderId: number, attempt: number, why: 'lost' | 'cancelled'): void {
    for (const [claim, controller] of this.running) {
      if (claim.orderId === orderId && claim.attempt === attempt) {
        controller.abort(new Interruption(why));
      }
    }
  }

  /** The drain is over: aborts all work, and from here on that of each claim that is added. */
  releaseAll(): void {
    this.released = true;
    for (const controller of this.running.values()) controller.abort(new Interruption('shutdown'));
  }
}
