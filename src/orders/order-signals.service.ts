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
}
