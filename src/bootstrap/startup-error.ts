import type { Settings } from '../config/settings';
import { explainDatabaseError, DatabaseUnavailableError } from '../database/database-errors';

/** The service could not start. The message is one line that says why, and which setting to change. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** SQLSTATEs of a wrong user or password (28...), and of a database that does not exist. */
const CONNECTION_REJECTED = /^(28...|3D000)$/;

/** Turns an error with a known cause into a StartError; any other is returned as it is. */
export function explainStartError(error: unknown, { host, port }: Settings): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (isListenError(error, host)) {
    return new StartError(explainListenError(code, host, port), { cause: error });
  }
  if (CONNECTION_REJECTED.test(code ?? '')) {
    return new StartError(
      `Database connection rejected: ${error.message}. Check the user, password and database name in DATABASE_URL.`,
      { cause: error },
    );
  }
  if (explainDatabaseError(error) instanceof DatabaseUnavailableError) {
    return new StartError(
      `Database unavailable: ${reasonOf(error)}. Start it or correct DATABASE_URL; without DATABASE_URL the service ` +
        `starts an embedded PostgreSQL.`,
      { cause: error },
    );
  }
  return error;
}

/** A host name that cannot be resolved may be that of HOST or that of DATABASE_URL. */
function isListenError(error: Error, host: string): boolean {
  const { syscall, hostname } = error as NodeJS.ErrnoException & { readonly hostname?: string };
  return syscall === 'listen' || (syscall === 'getaddrinfo' && hostname === host);
}

function explainListenError(code: string | undefined, host: string, port: number): string {
  if (code === 'EADDRINUSE') {
    return (
      `Port ${port} on ${host} is in use by another program or by this service, started before. ` +
      `Stop it, or set PORT to another port (0: any free port).`
    );
  }
  if (code === 'EACCES') {
    return `Port ${port} requires more privileges than this user has. Set PORT to a port above 1023.`;
  }
  return `Cannot listen on ${host} (${code ?? 'unknown error'}). Set HOST to an address of this machine.`;
}

/** Node leaves the message empty after it has tried several addresses. */
function reasonOf(error: Error): string {
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name);
}
