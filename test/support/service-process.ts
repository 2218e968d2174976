import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { until } from './until';

const ROOT = join(__dirname, '../..');

/** The caller's settings do not reach the process. */
const ENVIRONMENT = { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0' };

/** The Node binary that runs the service. `.ci/run` sets TEST_NODE to test it on other Node versions. */
const NODE = process.env['TEST_NODE'] ?? process.execPath;

/** The line that the service prints once it is ready, where its output is not a terminal. */
const READY_LINE = /^\{"event":"ready",.*\}$/m;

export interface ReadyLine {
  readonly event: 'ready';
  readonly pid: number;
  readonly role: 'all' | 'api' | 'worker';
  readonly url: string;
  /** Of the embedded PostgreSQL only. */
  readonly database?: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly name: string;
    readonly dataDir: string;
    readonly passwordFile: string;
  };
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The service as a separate process, as `npm start` runs it, that a test may signal and kill. */
export class ServiceProcess {
  /** All that it has printed. */
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

  /**
   * Resolves once the service is ready.
   *
   * @throws Error with its output when it ends before
   */
  async ready(): Promise<ReadyLine> {
    await until(
      'the service is ready',
      () => {
        if (this.exit) throw new Error(`The service ended before it was ready:\n${this.output}`);
        return READY_LINE.test(this.output);
      },
      60_000,
    );
    return JSON.parse(READY_LINE.exec(this.output)?.[0] ?? '') as ReadyLine;
  }

  /** @returns where it listens, once it is ready */
  async url(): Promise<string> {
    return (await this.ready()).url;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends the readers of its output: whatever it writes from here on fails. */
  closeOutput(): void {
    this.child.stdout.destroy();
    this.child.stderr.destroy();
  }

  /** SIGKILL: the process ends without running any handler. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  /** SIGTERM; resolves when the process has ended. */
  async stop(): Promise<Exit> {
    this.signal('SIGTERM');
    return this.exited;
  }

  /** Its resident memory, in megabytes. */
  async residentMegabytes(): Promise<number> {
    return this.statusOf('VmRSS');
  }

  /** Its largest resident memory so far, in megabytes. */
  async peakMegabytes(): Promise<number> {
    return this.statusOf('VmHWM');
  }

  private async statusOf(name: string): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
  }
}
