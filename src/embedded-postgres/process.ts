import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Account } from './account';
import { errorCode } from './error';

/**
 * The complete environment of every program started here. Nothing is inherited: variables such as `PGDATA`, `PGOPTIONS`
 * and `LANG` must not reach the server, and its messages are parsed, so they must be in English.
 */
export const CHILD_ENVIRONMENT = { LC_ALL: 'C', PATH: '/usr/bin:/bin' } as const;

/** initdb takes half a second: after two minutes the disk is most likely stuck, and an error says so. */
const RUN_LIMIT_MS = 120_000;

export interface RunResult {
  readonly ok: boolean;
  /** Standard output and standard error, or the reason when the program could not be started. */
  readonly output: string;
}

/** Runs a program, as `account` if given, and resolves when it ends, whether it succeeds or fails. */
export function run(
  file: string,
  args: readonly string[],
  options: { readonly account?: Account; readonly cwd?: string } = {},
): Promise<RunResult> {
  const { account, cwd } = options;
  return new Promise((resolve) => {
    execFile(
      file,
      args,
      {
        cwd: cwd ?? '/',
        uid: account?.uid,
        gid: account?.gid,
        env: CHILD_ENVIRONMENT,
        timeout: RUN_LIMIT_MS,
        windowsHide: true,
      },
      (error, stdout, stderr) => {
        const output = `${stdout}${stderr}`.trim();
        resolve({ ok: error === null, output: output || (error?.message ?? '') });
      },
    );
  });
}

/** Whether a process with this pid runs. A zombie does not: it has no open files and no memory. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    // "pid (name) state ...", where the name itself may contain spaces and parentheses.
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return status.slice(status.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false; // no /proc on this system
  }
}

/** A process's command line, arguments joined by spaces; undefined when the system does not tell. */
export async function commandLine(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
    return raw?.replaceAll('\0', ' ').trim();
  }
  const listed = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
  return listed.ok ? listed.output : undefined;
}

/** Whether `folder` is a process's current folder, compared by inode; undefined when the system does not tell. */
export async function worksIn(pid: number, folder: string): Promise<boolean | undefined> {
  try {
    const [there, here] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(folder)]);
    return there.dev === here.dev && there.ino === here.ino;
  } catch {
    return undefined;
  }
}
