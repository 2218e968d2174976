import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

/** Fully migrated, cloned for every suite that needs a database. */
export const TEMPLATE = 'template_orders';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A migrated database of the caller's own. */
export function createDatabase(): Promise<TestDatabase> {
  return createFrom(TEMPLATE);
}

/** A database of the caller's own with nothing in it. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createFrom('template0');
}

/** Brings a database's schema up to date. */
export async function migrate(url: string): Promise<void> {
  // Late: what needs no schema should not load TypeORM.
  const { migrateDatabase } = await import('../../src/database/migrate');
  await migrateDatabase(url);
}

/** Runs statements, one after the other, as the administrator of the test run's cluster. */
export async function asAdministrator(...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** The connection string of another database of the test run's cluster. */
export function urlOf(database: string): string {
  const url = new URL(adminUrl());
  url.pathname = `/${database}`;
  return url.href;
}

/** Lets the system copy the template's files, in half the time, where PostgreSQL was built for it. */
const CLONE_FILES = `
  SELECT set_config(name, 'clone', false) FROM pg_settings
   WHERE name = 'file_copy_method' AND 'clone' = ANY (enumvals)`;

async function createFrom(template: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const create = `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`;
  await asAdministrator(CLONE_FILES, create);
  return {
    url: urlOf(name),
    drop: () => asAdministrator(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

function adminUrl(): string {
  const url = process.env['TEST_POSTGRES_URL'];
  if (url === undefined) throw new Error('TEST_POSTGRES_URL is not set: jest runs global-setup.ts');
  return url;
}
