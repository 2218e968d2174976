// Many nodes on this machine, as docker-compose's profile `scale` has them, for trying it without Docker: an embedded
// PostgreSQL, a redis-server from the PATH, two API nodes and three worker nodes, each a process, all on free ports.
// It runs what `npm run build` has made. Ctrl-C stops it all in order; once more, and all ends at once.
//
//   DATA_DIR            PostgreSQL's folder, .data/cluster unless set
//   all other settings  are every node's
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NamedProcess } from './named-process.mjs';

const DIST = fileURLToPath(new URL('../dist/src', import.meta.url));

/** How many nodes of each role. */
const NODES = { api: 2, worker: 3 };

/** A Ctrl-C comes twice, from the terminal and from npm; only a signal after this time is a second wish. */
const SIGNAL_ECHO_MS = 500;

/** What was started, each kind in its turn of being stopped: who takes orders first, whom others need last. */
const started = { api: [], worker: [], redis: [] };
let postgres;
let stoppingSince;

async function start() {
  requireRedis();
  // Loaded late, so that a build that is missing does not hide a Redis that is.
  const embedded = join(DIST, 'embedded-postgres/embedded-postgres.js');
  postgres = await createRequire(import.meta.url)(embedded).EmbeddedPostgres.start({
    dataDir: process.env.DATA_DIR || join('.data', 'cluster'),
    log: (line) => console.log(line),
  });
  const redisPort = await freePort();
  await startRedis(redisPort).ready;
  // A stop that began meanwhile has passed the nodes' turn.
  if (stoppingSince !== undefined) return;
  const settings = {
    ...process.env,
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: postgres.url,
    SEED_ON_START: process.env.SEED_ON_START || 'true',
    QUEUE_ENGINE: 'bullmq',
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
  };
  const nodes = Object.entries(NODES).flatMap(([role, count]) =>
    Array.from({ length: count }, (_, index) => startNode(role, index + 1, settings)),
  );
  await Promise.all(nodes.map(({ ready }) => ready));
  greet(nodes, settings.REDIS_URL);
}

function requireRedis() {
  if (spawnSync('redis-server', ['--version']).error === undefined) return;
  console.error(
    'There is no redis-server on the PATH. Install one, e.g. with "apt-get install redis-server" or ' +
      '"brew install redis", or use containers: docker-compose --profile scale up --build proxy worker',
  );
  process.exit(1);
}

/** Nothing on disk: it holds hints, which the nodes derive again from PostgreSQL. */
function startRedis(port) {
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  return launch('redis', 'redis', 'Ready to accept connections', 'redis-server', args);
}

function startNode(role, number, settings) {
  const env = { ...settings, ROLE: role };
  const args = [join(DIST, 'main.js')];
  return launch(role, `${role} ${number}`, 'Ctrl-C stops', process.execPath, args, env);
}

function launch(kind, name, ...how) {
  const child = new NamedProcess(name, ...how);
  started[kind].push(child);
  child.ended.then((end) => {
    if (child.isReady && stoppingSince === undefined)
      console.log(`${name} has ended (${end}). The others go on without it.`);
  });
  return child;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function greet(nodes, redisUrl) {
  const urls = nodes.map(({ output }) => /API\s+(\S+)/.exec(output)?.[1]);
  const rows = nodes.map(({ name, pid }, index) => `${name.padEnd(12)}${urls[index]}  pid ${pid}`);
  console.log(`
  ${nodes.length} nodes are ready.

    ${rows.join('\n    ')}
    redis       ${redisUrl}  pid ${started.redis[0].pid}
    PostgreSQL  ${postgres.url}

  For the commands of the README, in another terminal:

    API1=${urls[0]} API2=${urls[1]} WORKER1=${started.worker[0].pid}

  Ctrl-C stops it all.
`);
}

async function stop() {
  for (const children of Object.values(started)) {
    await Promise.all(children.map((child) => child.stop()));
  }
  await postgres?.stop();
}

function onSignal() {
  if (stoppingSince === undefined) {
    stoppingSince = performance.now();
    console.log('\nThe nodes finish their running work. Ctrl-C again ends them at once.');
    stop().then(() => process.exit(0), giveUp);
  } else if (performance.now() - stoppingSince > SIGNAL_ECHO_MS) {
    for (const child of Object.values(started).flat()) child.signal('SIGKILL');
    process.exit(130);
  }
}

async function fail(error) {
  // What was stopped while it started is no failure.
  if (stoppingSince !== undefined) return;
  stoppingSince = performance.now();
  await stop().catch(giveUp);
  giveUp(error);
}

function giveUp(error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
// A terminal that has gone takes no more lines, which must not keep anything from being stopped.
process.stdout.on('error', () => undefined);
start().catch(fail);
