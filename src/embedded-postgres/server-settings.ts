import { ownerMark } from './postmaster-pid';

/** Data survives a power cut: these are PostgreSQL's defaults, pinned against a changed file. */
const DURABLE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };

/** For throwaway clusters only: a power cut may destroy them, a killed process still does not. */
const THROWAWAY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * The server's settings, for a laptop that runs other things too. Given on the command line, where
 * they outrank the files of the cluster, so that an old cluster runs as a new one does.
 */
export function serverSettings(port: number, durable: boolean): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '', // their paths are limited to 107 bytes, data folders are not
    cluster_name: ownerMark(process.pid),
    ...(durable ? DURABLE : THROWAWAY),
    max_connections: '100',
    shared_buffers: '128MB',
    max_wal_size: '1GB', // a burst of orders does not force checkpoints; bounds the disk used
    checkpoint_timeout: '15min', // fewer full pages in the WAL; recovery stays within seconds
    jit: 'off', // short statements only: compiling them costs more than it saves
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    log_min_error_statement: 'panic', // statements hold the customers' data
    log_checkpoints: 'off', // or an idle server's log would grow for ever
  };
}
