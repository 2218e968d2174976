import { Client } from 'pg';

/**
 * Transactions beside the service that stay open and hold what they have locked. `releaseAll` belongs in afterEach, before
 * the database is dropped.
 */
export class Locks {
  private clients: Client[] = [];

  /** @param databaseUrl gives the address at the time of the lock */
  constructor(private readonly databaseUrl: () => string) {}

  /** Opens a transaction and runs a statement in it. @returns the rows that the statement gave */
  async hold<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.databaseUrl(), application_name: 'test' });
    await client.connect();
    this.clients.push(client);
    await client.query('BEGIN');
    const { rows } = await client.query<Row>(text, values);
    return rows;
  }

  /** Commits all of them. */
  async releaseAll(): Promise<void> {
    const clients = this.clients;
    this.clients = [];
    for (const client of clients) {
      await client.query('COMMIT');
      await client.end();
    }
  }
}
