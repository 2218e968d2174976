import { Injectable } from '@nestjs/common';
import type { Pool, QueryResultRow } from 'pg';
import { DataSource } from 'typeorm';
import { explainDatabaseError } from './database-errors';

/** A statement that PostgreSQL parses and plans once a connection, under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * The way to the database for hot statements: prepared, on TypeORM's own pool, without its query runner.
 * Everything that throws here throws {@link DatabaseUnavailableError} when the database is away.
 */
@Injectable()
export class Database {
  constructor(private readonly source: DataSource) {}

  /** Runs one prepared statement; a single statement is a transaction of its own. */
  async query<Row extends QueryResultRow>(statement: Statement, values: unknown[]): Promise<Row[]> {
    return this.explained(async () => {
      const result = await this.pool.query<Row>({ ...statement, values });
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
