import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A child process that reports when it is ready. Its later output is printed with its name before each line. */
export class NamedProcess {
  /** Its output until it is ready. */
  output = '';
  isReady = false;
  hasEnded = false;

  /**
   * @param {string} name for people
   * @param {(line: string) => unknown} readiness gives a value for the line by which the process says that it is ready,
   *   and undefined or false for every other line; {@link ready} resolves to the value
   */
  constructor(name, readiness, command, args, env = process.env) {
    this.name = name;
    this.readiness = readiness;
    // In a process group of its own: Ctrl-C in the terminal must reach the script only, which stops them in order.
    const options = { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true };
    this.process = spawn(command, args, options);
    this.ended = new Promise((resolve) => {
      this.process.once('error', (error) => resolve(error.message));
      this.process.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    this.ready = new Promise((resolve, reject) => {
      this.becomeReady = resolve;
      this.ended.then((end) => {
        this.hasEnded = true;
        reject(new Error(`${name} did not start (${end}):\n${this.output}`));
      });
    });
    for (const input of [this.process.stdout, this.process.stderr]) {
      createInterface({ input }).on('line', (line) => this.handleLine(line));
    }
  }

  get pid() {
    return this.process.pid;
  }

  async stop() {
    this.signal('SIGTERM');
    await this.ended;
  }

  /** Not after its end, when its pid may belong to another process. */
  signal(signal) {
    if (!this.hasEnded) this.process.kill(signal);
  }

  handleLine(line) {
    if (this.isReady) {
      if (line.trim() !== '') console.log(`${this.name}: ${line}`);
      return;
    }
    this.output += `${line}\n`;
    const value = this.readiness(line);
    if (!value) return;
    this.isReady = true;
    this.becomeReady(value);
  }
}
