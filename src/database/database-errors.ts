import { DomainError } from '../common/domain-error';

/** The database did not answer, or not in time. Whether the statement took effect may be unknown. */
export class DatabaseUnavailableError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'database_unavailable';
  readonly title = 'The database is away';

  constructor(cause: unknown) {
    super(
      'The database does not answer right now. Nothing is wrong with the request: send it again shortly.',
      {
        cause,
      },
    );
  }
}

/**
 * SQLSTATE classes and codes that say "not now" rather than "not like this": connection trouble (08), out of
 * resources (53), shutting down or starting (57P), cancelled by a timeout (57014), lock not available (55P03),
 * deadlock or serialization (40), read-only after a failover (25006), the database is not there or takes no
 * connections while somebody restores it (3D000, 55000), not migrated yet (42P01, 42703).
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const NOT_NOW = /^(08|53|57P|57014|55P03|40|25006|3D000|55000|42P01|42703)/;

/** The texts that pg gives, without any code, when a connection or an answer fails to come. */
const CONNECTION_TROUBLE =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|not queryable|Cannot use a pool after calling end|Client was closed/;

/** The SQLSTATE of an error that the server itself reported, so that its transaction is rolled back for certain. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * SQLSTATE classes of errors that one item of a batch can cause itself: its data (21, 22, 23), what a trigger says of it
 * (P0, 38, 39), a conflict with another transaction over the same rows (40). A lock that was not released in time, a
 * timeout, a lack of resources or privileges would hit the others just the same.
 */
const CAUSED_BY_ITEM = /^(21|22|23|P0|38|39|40)/;

/**
 * Whether a failed batch may be retried item by item: nothing of it took effect, since the server itself reported the
 * error, and one item may have caused it.
 */
export function mayIsolate(error: unknown): boolean {
  const state = sqlState(error instanceof DatabaseUnavailableError ? error.cause : error);
  return state !== undefined && CAUSED_BY_ITEM.test(state);
}

/** Turns "the database is away" of every form into {@link DatabaseUnavailableError}; other errors stay as they are. */
export function explainDatabaseError(error: unknown): unknown {
  const origin = driverError(error);
  if (!(origin instanceof Error) || origin instanceof DomainError) return error;
  const state = sqlState(origin);
  const away =
    state === undefined
      ? isSystemError(origin) || CONNECTION_TROUBLE.test(origin.message)
      : NOT_NOW.test(state);
  return away ? new DatabaseUnavailableError(origin) : error;
}

/** TypeORM wraps what the driver threw. */
function driverError(error: unknown): unknown {
  return error instanceof Error && 'driverError' in error ? error.driverError : error;
}

function isSystemError(error: Error): boolean {
  return 'syscall' in error || ('errors' in error && 'code' in error);
}
