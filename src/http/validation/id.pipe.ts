import { Injectable, PipeTransform } from '@nestjs/common';
import type { FieldError } from '../../common/domain-error';
import { ValidationError } from './request-errors';

export const INVALID_ORDER_ID: FieldError = {
  pointer: '/order_id',
  message: 'must be a positive integer',
};

/**
 * A positive integer from the path.
 *
 * An id above 2^53 is well-formed, but no order will ever have it, and PostgreSQL refuses one that a bigint cannot hold.
 * So each becomes the largest safe integer, which no order has either: the answer is "not found".
 */
@Injectable()
export class IdPipe implements PipeTransform<string, number> {
  /** @throws ValidationError */
  transform(text: string): number {
    if (!/^0*[1-9]\d*$/.test(text)) throw new ValidationError([INVALID_ORDER_ID]);
    return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
  }
}
