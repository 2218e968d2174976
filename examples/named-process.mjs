import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process that says when it is ready. What it says afterwards is passed on, its name before each line. */
export class NamedProcess {
  /** What it said until it was ready. */
  output = '';
  isReady = false;
  hasEnded = false;

  /**
   * @param name for people
   * @param readyText what the line contains by which it says that it is ready
   */
  constructor(name, readyText, command, args, env = process.env) {
    this.name = name;
    this.readyText = readyText;
    // A group of its own: a terminal's Ctrl-C must reach the script alone, which keeps the order.
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
      createInterface({ input }).on('line', (line) => this.hear(line));
    }
  }

  get pid() {
    return this.process.pid;
  }

  async stop() {
    this.signal('SIGTERM');
    await this.ended;
  }

  /** By its id, and only while that is its own. */
  signal(signal) {
    if (!this.hasEnded) this.process.kill(signal);
  }

  hear(line) {
    if (this.isReady) {
      if (line.trim() !== '') console.log(`${this.name}: ${line}`);
      return;
    }
    this.output += `${line}\n`;
    if (!line.includes(this.readyText)) return;
    this.isReady = true;
    this.becomeReady();
  }
}
