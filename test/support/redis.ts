import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port';
import { refuseAfterTest } from './running-test';
import { temporaryFolder } from './temporary-folder';
import { until } from './until';

/** Of a question to a Redis that does not answer: a test that has ended its server meanwhile is not held up. */
const MAX_RETRIES = 2;

/** What is missing for tests that start and stop Redis themselves, and what to do about it. */
export function missingRedisServer(): string | undefined {
  return spawnSync('redis-server', ['--version']).error === undefined
    ? undefined
    : 'There is no redis-server on the PATH: install it, e.g. with apt-get install redis-server.';
}

/** The same for tests to which any Redis is good; they keep to keys of their own. */
export function missingRedis(): string | undefined {
  if (process.env['REDIS_URL'] !== undefined) return undefined;
  const missing = missingRedisServer();
  return missing && `${missing} Or set REDIS_URL.`;
}

/** A Redis that keeps nothing on disk, so that each start is an empty one unless its data is asked for. */
export class RedisServer {
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
  ) {}

  /** One that listens on a free port of this machine, or is ready to be started on it. */
  static async create(): Promise<RedisServer> {
    return new RedisServer(await freePort(), await temporaryFolder());
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    refuseAfterTest();
    const options = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.folder];
    this.child = spawn('redis-server', [...options, '--save', '', '--appendonly', 'no'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    this.child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const { child } = this;
    await until('Redis accepts connections', () => {
      if (child.exitCode !== null) throw new Error(`redis-server has ended:\n${output}`);
      return output.includes('Ready to accept connections');
    });
  }

  /** As the system does when memory runs out. What it held is gone. */
  async kill(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Speaks to it on a connection of the test's own. */
  ask<T>(question: (redis: Redis) => Promise<T>): Promise<T> {
    return askRedis(this.url, question);
  }
}

export async function askRedis<T>(url: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: MAX_RETRIES });
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}
