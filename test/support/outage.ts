import { asAdministrator } from './database';

/** Cuts the service off from its database and keeps it out. The test's own connections stay. */
export async function takeAway(databaseUrl: string): Promise<void> {
  const name = nameOf(databaseUrl);
  await asAdministrator(
    `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = '${name}' AND application_name LIKE 'order-service%'`,
  );
}

export async function bringBack(databaseUrl: string): Promise<void> {
  await asAdministrator(`ALTER DATABASE ${nameOf(databaseUrl)} WITH ALLOW_CONNECTIONS true`);
}

function nameOf(databaseUrl: string): string {
  return new URL(databaseUrl).pathname.slice(1);
}
