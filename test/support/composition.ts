import { isRunning } from '../../src/embedded-postgres/process';
import { COMPOSE, inspect, run } from './containers';
import { until } from './until';

/** The container names that docker-compose.yml fixes. */
const NAMES = ['app', 'ecommerce_postgres'];

/** The profile `scale` includes every service of the compose file, so that each can be addressed by its name. */
const WHOLE_FILE = ['--profile', 'scale'];

/** A test run's compose project is named by this prefix and the process id of the run. */
const PROJECT_PREFIX = 'order-service-test-';

/** A container takes long to start while other tests use the processors. */
const START_DEADLINE_MS = 120_000;

/** The services of docker-compose.yml, in a compose project that only this test run uses. */
export class Composition {
  private readonly project = `${PROJECT_PREFIX}${process.pid}`;
  private started = false;

  constructor(private readonly settings: Readonly<Record<string, string>>) {}

  /** @throws when containers of these names exist that this test run must not remove */
  async up(): Promise<void> {
    await removeAbandoned();
    await refuseForeign();
    this.started = true;
    await this.compose('up', '--build', '-d');
  }

  async compose(...args: string[]): Promise<string> {
    return run([...COMPOSE, '-p', this.project, ...args], { env: this.settings });
  }

  /** Replaces `app` by the nodes of the profile `scale` and their proxy. */
  async scale(): Promise<void> {
    await this.compose('stop', 'app');
    await this.compose(...WHOLE_FILE, 'up', '--build', '-d', 'proxy', 'worker');
  }

  /** @returns the ids of the running containers of a service */
  async containersOf(service: string): Promise<string[]> {
    const ids = await this.compose(...WHOLE_FILE, 'ps', '-q', service);
    return ids.split('\n').filter((id) => id !== '');
  }

  /** Resolves when the image's health check, which asks for readiness, reports the container as healthy. */
  async healthy(container = 'app'): Promise<void> {
    await until(
      `${container} is healthy`,
      async () => (await inspect(container, '{{.State.Health.Status}}')) === 'healthy',
      START_DEADLINE_MS,
    );
  }

  /** Removes the containers, networks, volumes and images that `up` and `scale` made, and nothing else. */
  async down(): Promise<void> {
    if (this.started) await takeDown(this.project);
  }
}

async function takeDown(project: string): Promise<void> {
  const down = ['down', '--volumes', '--rmi', 'local', '--timeout', '1'];
  await run([...COMPOSE, '-p', project, ...WHOLE_FILE, ...down]);
}

/** Removes the containers of test runs that were killed before they could do it. */
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
    `Containers named ${names.join(' and ')} exist already, and this test needs these names. ` +
      `If another test run uses them, wait for its end; else remove them: docker rm -f ${names.join(' ')}`,
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
