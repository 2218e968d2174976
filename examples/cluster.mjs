// Several nodes on this machine without Docker, like docker-compose's profile `scale`: an embedded PostgreSQL, a
// redis-server from the PATH, two API nodes and three worker nodes, each a process on a free port. It requires a
// finished build, which `npm run cluster` makes. Ctrl-C stops all of them in order, a second Ctrl-C at once.
//
//   DATA_DIR            PostgreSQL's folder; .data/cluster in the project unless set
//   all other settings  apply to every node
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NamedProcess } from './named-process.mjs';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(PROJECT, 'dist/src');

/** The compiled modules of the service are CommonJS. */
const requireBuilt = createRequire(join(DIST, 'main.js'));

/** How many nodes of each role. */
const NODES = { api: 2, worker: 3 };

/** With npm, one Ctrl-C arrives twice, from the terminal and from npm: only a later signal is a second request. */
const SIGNAL_ECHO_MS = 500;

/** The started processes in the order in which they are stopped: first the nodes that accept orders. */
const started = { api: [], worker: [], redis: [] };
let postgres;
let stoppingSince;

async function start() {
  requireRedis();
  // Loaded after the check, so that a missing redis-server is reported even when the build is missing too.
  const { EmbeddedPostgres } = requireBuilt('./embedded-postgres/embedded-postgres.js');
  postgres = await EmbeddedPostgres.start({ dataDir: dataDir(), log: (line) => console.log(line) });
  const redisPort = await freePort();
  await startRedis(redisPort).ready;
  // A stop that has begun meanwhile would not stop nodes that are started now.
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
  const urls = (await Promise.all(nodes.map(({ ready }) => ready))).map(({ url }) => url);
  greet(nodes, urls, settings.REDIS_URL);
}

/** As the service does: a relative DATA_DIR is relative to the caller's folder. */
function dataDir() {
  const { CALLER_DIR } = requireBuilt('./config/folders.js');
  const { DATA_DIR } = process.env;
  return DATA_DIR ? resolve(CALLER_DIR, DATA_DIR) : join(PROJECT, '.data', 'cluster');
}

function requireRedis() {
  if (spawnSync('redis-server', ['--version']).error === undefined) return;
  console.error(
    'There is no redis-server on the PATH. Install it, e.g. with "apt-get install redis-server" or ' +
      '"brew install redis", or use containers: docker-compose --profile scale up --build proxy worker',
  );
  process.exit(1);
}

/** Without files: it holds ids of waiting orders, which the nodes derive again from PostgreSQL. */
function startRedis(port) {
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const isReady = (line) => line.includes('Ready to accept connections');
  return launch('redis', 'redis', isReady, 'redis-server', args);
}

function startNode(role, number, settings) {
  const env = { ...settings, ROLE: role };
  const args = [join(DIST, 'main.js')];
  return launch(role, `${role} ${number}`, parseReadyLine, process.execPath, args, env);
}

/** The line of JSON that the service prints once it is ready; undefined for every other line. */
function parseReadyLine(line) {
  return line.startsWith('{"event":"ready"') ? JSON.parse(line) : undefined;
}

function launch(kind, name, ...how) {
  const child = new NamedProcess(name, ...how);
  started[kind].push(child);
  child.ended.then((end) => {
    if (child.isReady && stoppingSince === undefined)
      console.log(`${name} has ended (${end}). The other nodes continue.`);
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

function greet(nodes, urls, redisUrl) {
  const rows = nodes.map(({ name, pid }, index) => `${name.padEnd(12)}${urls[index]}  pid ${pid}`);
  console.log(`
  ${nodes.length} nodes are ready.

    ${rows.join('\n    ')}
    redis       ${redisUrl}  pid ${started.redis[0].pid}
    PostgreSQL  PGPASSWORD="$(cat '${postgres.passwordFile}')" psql -h 127.0.0.1 -p ${postgres.port} -U postgres

  For the commands in the README, in another terminal:

    API1=${urls[0]} API2=${urls[1]} WORKER1=${started.worker[0].pid}

  Press Ctrl-C to stop all of them.
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
    console.log(
      '\nStopping: the nodes finish their running work. Press Ctrl-C again to stop immediately.',
    );
    stop().then(() => process.exit(0), giveUp);
  } else if (performance.now() - stoppingSince > SIGNAL_ECHO_MS) {
    for (const child of Object.values(started).flat()) child.signal('SIGKILL');
    process.exit(130);
  }
}

async function fail(error) {
  // A process that was stopped while it started has not failed.
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
// A closed terminal must not prevent the processes from being stopped.
process.stdout.on('error', () => undefined);
start().catch(fail);
