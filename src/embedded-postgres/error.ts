/** The embedded PostgreSQL cannot start or stop. The message says what happened and what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** The alternative that every error message can offer. */
export const USE_YOUR_OWN =
  'set DATABASE_URL to use another PostgreSQL instead of the embedded one';

/** The code of a system error (`ENOENT`, `EACCES`, ...), or undefined for errors of another kind. */
export function errorCode(error: unknown): string | undefined {
  // Not by instanceof: Node's own errors come from another realm under jest.
  const code = typeof error === 'object' && error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
