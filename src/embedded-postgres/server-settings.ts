import { ownerMark } from './postmaster-pid';

/** Commits survive a power failure. These are PostgreSQL's defaults, set here in case a configuration file differs. */
const DURABLE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };

/** For temporary clusters: a power failure may destroy them, a killed process does not. */
const THROWAWAY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * The server's settings, chosen for a laptop that runs other programs too. On the command line they take precedence over
 * the cluster's files, so that an old cluster runs like a new one.
 */
export function serverSettings(port: number, durable: boolean): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '', // paths of sockets are limited to 107 bytes, data folders are not
    cluster_name: ownerMark(process.pid),
    ...(durable ? DURABLE : THROWAWAY),
    max_connections: '100',
    shared_buffers: '128MB',
    max_wal_size: '1GB', // no checkpoint in a burst of orders, and a limit for the disk space
    checkpoint_timeout: '15min', // fewer full pages in the WAL, and recovery still takes seconds
    jit: 'off', // compiling the service's short statements costs more than it saves
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    log_min_error_statement: 'panic', // statements contain customers' data
    log_checkpoints: 'off', // otherwise the log of an idle server would grow without limit
  };
}
