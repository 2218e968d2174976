import { Injectable } from '@nestjs/common';
import type { Pool, QueryResultRow } from 'pg';
import { DataSource } from 'typeorm';
import { DatabaseSettings } from '../config/database.settings';
import { explainDatabaseError } from './database-errors';
import { STATEMENT_TYPES, type Statement } from './statement';

/**
 * The way to the database for hot statements: prepared, on TypeORM's own pool, without its query runner. Every method
 * throws {@link DatabaseUnavailableError} when the database does not answer.
 */
@Injectable()
export class Database {
  constructor(
    private readonly source: DataSource,
    private readonly settings: DatabaseSettings,
  ) {}

  /**
   * After this many milliseconds no answer can be on its way any more: the longest wait for a connection and for a
   * statement, twice, since a client whose query timed out gives up later than the server.
   */
  get maxAnswerMs(): number {
    const { databaseConnectTimeoutMs, databaseStatementTimeoutMs } = this.settings;
    return 2 * (databaseConnectTimeoutMs + databaseStatementTimeoutMs);
  }

  /** Runs one prepared statement; a single statement is a transaction of its own. */
  async query<Params extends readonly unknown[], Row extends QueryResultRow>(
    { name, text }: Statement<Params, Row>,
    values: Params,
  ): Promise<Row[]> {
    return this.explained(async () => {
      const query = { name, text, values: values as readonly unknown[] as unknown[] };
      const result = await this.pool.query<Row>({ ...query, types: STATEMENT_TYPES });
      return result.rows;
    });
  }

  /** Runs anything else that talks to the database, e.g. a TypeORM repository's method. */
  async explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw explainDatabaseError(error);
    }
  }

  private get pool(): Pool {
    // TypeORM types its driver's pool as `any`; for postgres it is pg's.
    return (this.source.driver as unknown as { master: Pool }).master;
  }
}
