import type { Settings } from '../config/settings';
import { explainDatabaseError, DatabaseUnavailableError } from '../database/database-errors';

/** Why the service could not start, and what whoever starts it can do about it. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** SQLSTATEs of a wrong password or user (28...), and of a database that does not exist. */
const WRONG_ADDRESS = /^(28...|3D000)$/;

/** Says what to do about an error that is known; any other stays as it is. */
export function explainStartError(error: unknown, { host, port }: Settings): unknown {
  if (!(error instanceof Error)) return error;
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall === 'listen' || syscall === 'getaddrinfo') {
    return new StartError(listenAdvice(code, host, port), { cause: error });
  }
  if (explainDatabaseError(error) instanceof DatabaseUnavailableError) {
    return new StartError(
      `The database of DATABASE_URL does not answer (${reasonOf(error)}). Start it, or correct DATABASE_URL; ` +
        `without DATABASE_URL the service brings its own.`,
      { cause: error },
    );
  }
  if (WRONG_ADDRESS.test(code ?? '')) {
    return new StartError(`DATABASE_URL does not fit: ${error.message}.`, { cause: error });
  }
  return error;
}

function listenAdvice(code: string | undefined, host: string, port: number): string {
  if (code === 'EADDRINUSE') {
    return (
      `Port ${port} of ${host} is in use by another program, or by this service, started before. ` +
      `Stop that one, or choose another port with PORT (0 takes any that is free).`
    );
  }
  if (code === 'EACCES') {
    return `Port ${port} needs more rights than this user has: choose one above 1023 with PORT.`;
  }
  return `The service cannot listen on ${host} (${code ?? 'unknown'}): HOST takes an address of this machine.`;
}

/** Node leaves the message empty when it has tried several addresses. */
function reasonOf(error: Error): string {
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name);
}
