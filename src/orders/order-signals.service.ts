import { Injectable } from '@nestjs/common';
import { Subject } from 'rxjs';

/** What `orders` announces within the process, after the commit. Hints only: recovery derives them again from the rows. */
@Injectable()
export class OrderSignals {
  /** Ids of orders that became PENDING and are due. */
  readonly ready = new Subject<number>();

  /** PROCESSING orders whose cancellation was requested, with their attempt at that time. */
  readonly cancelRequested = new Subject<{ readonly id: number; readonly attempt: number }>();
}
