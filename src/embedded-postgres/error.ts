/** The embedded PostgreSQL cannot start or stop. Every message says what happened and what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** The way out that every reader of an error has, whatever went wrong with the embedded server. */
export const USE_YOUR_OWN =
  'set DATABASE_URL to a PostgreSQL of your own, and none is embedded at all';

/** The code of a system error (`ENOENT`, `EACCES`, ...), or undefined for errors of another kind. */
export function errorCode(error: unknown): string | undefined {
  // Not by instanceof: Node's own errors come from another realm under jest.
  const code = typeof error === 'object' && error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
