import { DomainError } from '../common/domain-error';

/**
 * The database could not be reached, did not answer in time, or cannot serve statements now. Whether the statement took
 * effect may be unknown.
 */
export class DatabaseUnavailableError extends DomainError {
  readonly code = 'database_unavailable';

  constructor(cause: unknown) {
    super(
      'The database is unavailable. The request itself is valid: send it again after Retry-After seconds.',
      { cause },
    );
  }
}

/**
 * SQLSTATE classes and codes of conditions that pass, so that the same statement may succeed later: connection
 * exception (08), insufficient resources (53), operator intervention such as shutdown or start (57P), cancelled by a
 * timeout (57014), lock not available (55P03), transaction rollback such as a deadlock (40), read-only after a failover
 * (25006), database missing or closed to connections during a restore (3D000, 55000), migrations pending (42P01, 42703).
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const TEMPORARY = /^(08|53|57P|57014|55P03|40|25006|3D000|55000|42P01|42703)/;

/** Messages of pg's own errors about connections and timeouts, which carry no code. */
const CONNECTION_FAILURE =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|not queryable|Cannot use a pool after calling end|Client was closed/;

/** The SQLSTATE of an error that the server reported; its transaction is then rolled back for certain. */
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

/** SQLSTATE classes of errors that the values of a statement cause: data, constraints, limits of a type or an index. */
const CAUSED_BY_VALUES = /^(22|23|54)/;

/** Whether the database refuses the values of a statement, so that it would refuse them again. */
export function isValueError(error: unknown): boolean {
  return CAUSED_BY_VALUES.test(sqlState(error) ?? '');
}

/**
 * Whether a failed batch may be retried item by item: nothing of it took effect, since the server itself reported the
 * error, and one item may have caused it.
 */
export function mayIsolate(error: unknown): boolean {
  const state = sqlState(error instanceof DatabaseUnavailableError ? error.cause : error);
  return state !== undefined && CAUSED_BY_ITEM.test(state);
}

/** Turns every form of "database unavailable" into a {@link DatabaseUnavailableError}; returns other errors as they are. */
export function explainDatabaseError(error: unknown): unknown {
  const origin = driverError(error);
  if (!(origin instanceof Error) || origin instanceof DomainError) return error;
  const state = sqlState(origin);
  const unavailable =
    state === undefined
      ? isSystemError(origin) || CONNECTION_FAILURE.test(origin.message)
      : TEMPORARY.test(state);
  return unavailable ? new DatabaseUnavailableError(origin) : error;
}

/** TypeORM wraps what the driver threw. */
function driverError(error: unknown): unknown {
  return error instanceof Error && 'driverError' in error ? error.driverError : error;
}

function isSystemError(error: Error): boolean {
  return 'syscall' in error || ('errors' in error && 'code' in error);
}
