import { Injectable, PipeTransform } from '@nestjs/common';
import { ValidationError } from './request-errors';

/**
 * A positive whole number from the path.
 *
 * Ids past 2^53 are well-formed, though none will ever be given. They all become the same id that no row has, since
 * PostgreSQL would refuse what a bigint does not hold: so the answer is "not found".
 */
@Injectable()
export class IdPipe implements PipeTransform<string, number> {
  transform(text: string): number {
    if (!/^0*[1-9]\d*$/.test(text)) {
      throw new ValidationError([
        { pointer: '/order_id', message: 'must be a positive whole number' },
      ]);
    }
    return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
  }
}
