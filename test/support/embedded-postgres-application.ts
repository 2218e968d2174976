import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What embedded-postgres-process.ts prints: one of the two. */
interface Report {
  readonly url?: string;
  readonly error?: string;
}

export interface ApplicationOptions {
  readonly then?: 'stay' | 'exit';
  readonly packageDir?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** The user to run as; only root may choose another one. */
  readonly uid?: number;
}

/** A separate process with an embedded PostgreSQL, which a test may kill. */
export class Application {
  readonly pid: number;
  readonly report: Promise<Report>;

  constructor(dataDir: string, options: ApplicationOptions = {}) {
    const { then = 'stay', packageDir, env, uid } = options;
    const hook = join(__dirname, 'register-swc.js');
    const script = join(__dirname, 'embedded-postgres-process.ts');
    const args = ['-r', hook, script, dataDir, then, ...(packageDir ? [packageDir] : [])];
    this.child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      ...(uid === undefined ? {} : { uid, gid: uid }),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.pid = this.child.pid ?? NaN;
    this.report = this.readReport();
  }

  private readonly child: ChildProcess;

  /** SIGKILL: the process ends without running any handler, as when the system is out of memory. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  private async readReport(): Promise<Report> {
    if (!this.child.stdout) throw new Error('The process has no output.');
    for await (const line of createInterface(this.child.stdout)) return JSON.parse(line) as Report;
    return { error: 'The process ended without a report.' };
  }
}
