import { constants } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Account } from './account';

/** A log longer than this is renamed at the next start, in place of the previous one. */
const LOG_LIMIT_BYTES = 1_000_000;

/** Enough for the lines that PostgreSQL writes when it cannot start, and short enough for an error message. */
const TAIL_BYTES = 2_000;

/**
 * Opens the server's log for appending, since two starts at the same moment share it. Symbolic links are refused: another
 * user may have created one to make root write elsewhere.
 */
export async function openLog(file: string, account: Account | undefined): Promise<FileHandle> {
  if ((await sizeOf(file)) > LOG_LIMIT_BYTES) await rename(file, `${file}.previous`);
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
  const log = await open(file, O_APPEND | O_CREAT | O_NOFOLLOW | O_WRONLY, 0o600);
  if (account) await log.chown(account.uid, account.gid);
  return log;
}

export async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

/** The end of what was written after the first `offset` bytes. */
export async function tailOf(file: string, offset: number): Promise<string> {
  const size = await sizeOf(file);
  // A file shorter than the offset was renamed meanwhile and is new.
  const start = Math.max(size < offset ? 0 : offset, size - TAIL_BYTES);
  const log = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await log.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, start);
    return buffer.toString('utf8', 0, bytesRead).trim();
  } finally {
    await log.close();
  }
}
