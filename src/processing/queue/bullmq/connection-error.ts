/** Error codes of Node.js and ioredis for a connection that fails, in words. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EAI_AGAIN: 'host name lookup failed',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'host name not found',
  EPIPE: 'connection closed',
  ETIMEDOUT: 'connection timed out',
};

/**
 * The reason of a failed connection without its address, since readiness shows it to everyone; for an error of the
 * server, such as a wrong password, the server's own text.
 */
export function describeConnectionError(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  const reason = code === undefined ? undefined : REASONS[code];
  // The message is empty when Node.js has tried several addresses of one host name.
  return reason ?? (error.message || (code ?? error.name));
}
