import { Injectable } from '@nestjs/common';
import { decimalToCents } from '../common/money';
import { Database } from '../database/database.service';
import { UnknownItemsError, UnknownUserError } from './catalog-errors';
import { QUOTE } from './catalog.sql';

/** Users, items and prices. Prices are read for each quote, never cached. */
@Injectable()
export class CatalogService {
  constructor(private readonly database: Database) {}

  /**
   * Quotes items for a user. An item that is listed twice is charged twice.
   *
   * @returns the total in cents; 0 for no items
   * @throws UnknownUserError, UnknownItemsError
   */
  async quote(userId: number, itemIds: readonly number[]): Promise<number> {
    const [row] = await this.database.query(QUOTE, [userId, itemIds]);
    if (!row?.is_user) throw new UnknownUserError(userId);
    if (row.unknown_positions) throw new UnknownItemsError(itemIds, row.unknown_positions);
    return decimalToCents(row.total ?? '0');
  }
}
