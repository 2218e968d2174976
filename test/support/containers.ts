import { spawn, spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isRunning } from '../../src/embedded-postgres/process';
import { until } from './until';

export const ROOT = join(__dirname, '../..');

/** Fixed by docker-compose.yml. */
const NAMES = ['app', 'ecommerce_postgres'];

const IMAGES = ['node:20-bookworm-slim', 'postgres:18', 'redis:7', 'nginx:1'];

/** With it, everything of the compose file can be spoken of by its name. */
const WHOLE_FILE = ['--profile', 'scale'];

/** Compose projects of test runs: the prefix and the run's process id. */
const PROJECT_PREFIX = 'order-service-test-';

/** `docker-compose` or, where there is only the plugin, `docker compose`. */
const COMPOSE = succeeds('docker-compose', 'version') ? ['docker-compose'] : ['docker', 'compose'];

/** Generous: a container may start while other tests keep the machine busy. */
const START_DEADLINE_MS = 120_000;

/** Why the containers can't be tried here, and what to do about it. */
export function whyNoContainers(): string | undefined {
  if (!succeeds('docker', 'info')) {
    return 'no Docker engine answers. Start one, or run the tests where `docker info` works.';
  }
  if (!succeeds(...COMPOSE, 'version')) return 'there is no docker-compose. Install it.';
  const absent = IMAGES.filter((image) => !succeeds('docker', 'image', 'inspect', image));
  if (absent.length === 0) return undefined;
  return `base images are not on this machine. Run: ${absent.map((image) => `docker pull ${image}`).join(' && ')}`;
}

/** Runs a command at the project's root and gives its output. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const [name = '', ...args] = command;
  const child = spawn(name, args, { cwd: ROOT, env: { ...process.env, ...options.env } });
  if (options.input === undefined) child.stdin.end();
  else createReadStream(join(ROOT, options.input)).pipe(child.stdin);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [output, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    exited,
  ]);
  if (code !== 0)
    throw new Error(`${command.join(' ')} ended with ${String(code)}:\n${output}${errors}`);
  return output + errors;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A file, from the project's root, to read as standard input. */
  readonly input?: string;
}

/** The service and its database as docker-compose.yml describes them, in a project of this test run's own. */
export class Composition {
  private readonly project = `${PROJECT_PREFIX}${process.pid}`;
  private started = false;

  constructor(private readonly settings: Readonly<Record<string, string>>) {}

  /** @throws when containers of these names are somebody else's */
  async up(): Promise<void> {
    await removeAbandoned();
    await refuseForeign();
    this.started = true;
    await this.compose('up', '--build', '-d');
  }

  async compose(...args: string[]): Promise<string> {
    return run([...COMPOSE, '-p', this.project, ...args], { env: this.settings });
  }

  /** The many nodes of the profile `scale`, with their proxy, in the place of `app`. */
  async scale(): Promise<void> {
    await this.compose('stop', 'app');
    await this.compose(...WHOLE_FILE, 'up', '--build', '-d', 'proxy', 'worker');
  }

  /** The running containers of a service. */
  async containersOf(service: string): Promise<string[]> {
    const ids = await this.compose(...WHOLE_FILE, 'ps', '-q', service);
    return ids.split('\n').filter((id) => id !== '');
  }

  /** Until the image's own health check says so, which asks for readiness. */
  async healthy(container = 'app'): Promise<void> {
    await until(
      `${container} is healthy`,
      async () => (await inspect(container, '{{.State.Health.Status}}')) === 'healthy',
      START_DEADLINE_MS,
    );
  }

  /** Containers, network, volume and the image that was built. Touches nothing that `up` did not make. */
  async down(): Promise<void> {
    if (this.started) await takeDown(this.project);
  }
}

export async function inspect(container: string, format: string): Promise<string> {
  return (await run(['docker', 'inspect', '-f', format, container])).trim();
}

async function takeDown(project: string): Promise<void> {
  const down = ['down', '--volumes', '--rmi', 'local', '--timeout', '1'];
  await run([...COMPOSE, '-p', project, ...WHOLE_FILE, ...down]);
}

/** A killed test run cannot take its containers down; the next one does. */
async function removeAbandoned(): Promise<void> {
  const projects = new Set((await existing()).map(({ project }) => project));
  for (const project of projects) {
    if (!project.startsWith(PROJECT_PREFIX)) continue;
    if (!isRunning(Number(project.slice(PROJECT_PREFIX.length)))) await takeDown(project);
  }
}

async function refuseForeign(): Promise<void> {
  const names = (await existing()).map(({ name }) => name);
  if (names.length === 0) return;
  throw new Error(
    `This test needs the container names ${NAMES.join(' and ')}, and did not start what bears them. ` +
      `Should it go: docker rm -f ${names.join(' ')}`,
  );
}

async function existing(): Promise<{ name: string; project: string }[]> {
  const format = '{{.Names}} {{.Label "com.docker.compose.project"}}';
  const lines = (await run(['docker', 'ps', '-a', '--format', format])).split('\n');
  return lines
    .map((line) => line.split(' '))
    .map(([name = '', project = '']) => ({ name, project }))
    .filter(({ name }) => NAMES.includes(name));
}

function succeeds(name = '', ...args: string[]): boolean {
  return spawnSync(name, args, { stdio: 'ignore' }).status === 0;
}
