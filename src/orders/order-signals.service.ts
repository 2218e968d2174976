import { Injectable } from '@nestjs/common';
import { Subject } from 'rxjs';

/**
 * What `orders` announces within the process, after the commit. Hints only: whoever misses one derives it again
 * from the rows.
 */
@Injectable()
export class OrderSignals {
  /** Ids of orders that became PENDING and are due. */
  readonly ready = new Subject<number>();

  /** Orders that are to be cancelled while they are worked on, at the attempt that was seen. */
  readonly cancelRequested = new Subject<{ readonly id: number; readonly attempt: number }>();
}
