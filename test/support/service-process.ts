import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { until } from './until';

const ROOT = join(__dirname, '../..');

/** Nothing of the caller's own settings reaches the process. */
const ENVIRONMENT = { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0' };

/** The Node binary that runs the service. `.ci/run` sets TEST_NODE to test it on other Node versions. */
const NODE = process.env['TEST_NODE'] ?? process.execPath;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The whole service as a process of its own, as `npm start` runs it, to be signalled and killed in earnest. */
export class ServiceProcess {
  /** All that it has said. */
  output = '';
  readonly exited: Promise<Exit>;
  private exit: Exit | undefined;
  private readonly child: ChildProcessByStdio<null, Readable, Readable>;

  constructor(settings: Record<string, string>) {
    const hook = join(__dirname, 'register-swc.js');
    this.child = spawn(NODE, ['-r', hook, join(ROOT, 'src/main.ts')], {
      cwd: ROOT,
      env: { ...ENVIRONMENT, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    this.exited = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        this.exit = { code, signal };
        resolve(this.exit);
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? NaN;
  }

  /** @returns where it listens, once it says so */
  async url(): Promise<string> {
    const found = () => /API\s+(http:\S+)/.exec(this.output)?.[1];
    await until(
      'the service is ready',
      () => {
        if (this.exit) throw new Error(`The service ended before it was ready:\n${this.output}`);
        return found() !== undefined;
      },
      60_000,
    );
    return found() ?? '';
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** SIGKILL: nothing in the process gets to know. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  /** SIGTERM, and the wait for its end. */
  async stop(): Promise<Exit> {
    this.signal('SIGTERM');
    return this.exited;
  }

  /** Memory that it holds right now, in megabytes. */
  async residentMegabytes(): Promise<number> {
    return this.statusOf('VmRSS');
  }

  /** The most memory that it has held so far, in megabytes. */
  async peakMegabytes(): Promise<number> {
    return this.statusOf('VmHWM');
  }

  private async statusOf(name: string): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
  }
}
