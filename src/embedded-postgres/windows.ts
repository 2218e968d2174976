import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Server } from './guard';
import { CHILD_ENVIRONMENT } from './process';
import { readPostmasterPid } from './postmaster-pid';

export interface WindowsServerCommand {
  readonly binaries: string;
  readonly clusterDir: string;
  readonly logFile: string;
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Starts the server without a guard: Windows has no shell for it, and PostgreSQL drops an administrator's rights only when
 * pg_ctl starts it. When Node is killed, the server keeps running, and the next start reports it.
 */
export async function launchOnWindows(command: WindowsServerCommand): Promise<Server> {
  const { clusterDir, logFile, settings } = command;
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const folder = ['-w', '-D', clusterDir];
  const started = await pgCtl(command, [
    'start',
    ...folder,
    '-l',
    logFile,
    '-o',
    options.join(' '),
  ]);
  const pid = (await readPostmasterPid(clusterDir))?.pid ?? NaN;
  return {
    pid,
    exited: started === 0 ? new Promise(() => undefined) : Promise.resolve(`pg_ctl: ${started}`),
    stop: async () => {
      await pgCtl(command, ['stop', ...folder, '-m', 'fast']);
    },
  };
}

async function pgCtl({ binaries }: WindowsServerCommand, args: string[]): Promise<number> {
  // Without pipes: the server would inherit them and keep them open.
  const options = { env: CHILD_ENVIRONMENT, stdio: 'ignore', windowsHide: true } as const;
  const [code] = (await once(spawn(join(binaries, 'bin', 'pg_ctl'), args, options), 'exit')) as [
    number,
  ];
  return code;
}
