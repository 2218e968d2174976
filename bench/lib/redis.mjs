import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { printed, start, stop } from './processes.mjs';
import { createFolder, removeFolder } from './run-folder.mjs';

/** A Redis for this run with an append-only file, if there is a redis-server on the PATH. */
export class Redis {
  #child;
  #folder;

  /** @returns {Promise<Redis | undefined>} */
  static async start() {
    const version = findVersion();
    if (version === undefined) return undefined;
    const redis = new Redis();
    redis.version = version;
    redis.port = await freePort();
    redis.#folder = await createFolder('redis');
    redis.#child = start('redis-server', [
      ...['--bind', '127.0.0.1', '--port', String(redis.port), '--dir', redis.#folder],
      ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
      ...['--maxmemory-policy', 'noeviction'],
    ]);
    await printed(redis.#child, /Ready to accept connections/);
    return redis;
  }

  async stop() {
    await stop(this.#child);
    await removeFolder(this.#folder);
  }
}

function findVersion() {
  try {
    return /v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1];
  } catch {
    return undefined;
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
