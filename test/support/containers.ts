import { spawn, spawnSync } from 'node:child_process';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export const ROOT = join(__dirname, '../..');

/** The base images that the Dockerfile and docker-compose.yml name. */
export const IMAGES = [
  ...new Set([
    ...imagesIn('Dockerfile', /^FROM (\S+)/gm),
    ...imagesIn('docker-compose.yml', /^ +image: (\S+)/gm),
  ]),
];

/** `docker-compose` or, where there is only the plugin, `docker compose`. */
export const COMPOSE = succeeds('docker-compose', 'version')
  ? ['docker-compose']
  : ['docker', 'compose'];

/** @returns why the containers cannot be tested here and what to do, or undefined when they can */
export function whyNoContainers(): string | undefined {
  if (!succeeds('docker', 'info')) {
    return 'no Docker engine answers. Start one, or run the tests where `docker info` works.';
  }
  if (!succeeds(...COMPOSE, 'version')) {
    return 'docker-compose is not installed. Install docker-compose or the Docker plugin `compose`.';
  }
  const absent = IMAGES.filter((image) => !succeeds('docker', 'image', 'inspect', image));
  if (absent.length === 0) return undefined;
  return `base images are missing. Run: ${absent.map((image) => `docker pull ${image}`).join(' && ')}`;
}

/**
 * Runs a command in the project's root folder.
 *
 * @returns its standard output, followed by its standard error
 * @throws when it ends with another code than 0; the message has its output
 */
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
  if (code !== 0) {
    throw new Error(`${command.join(' ')} exited with ${String(code)}:\n${output}${errors}`);
  }
  return output + errors;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A file to read as standard input; its path is relative to the project's root folder. */
  readonly input?: string;
}

export async function inspect(container: string, format: string): Promise<string> {
  return (await run(['docker', 'inspect', '-f', format, container])).trim();
}

function imagesIn(file: string, pattern: RegExp): string[] {
  const content = readFileSync(join(ROOT, file), 'utf8');
  return [...content.matchAll(pattern)].map(([, image = '']) => image);
}

function succeeds(name = '', ...args: string[]): boolean {
  return spawnSync(name, args, { stdio: 'ignore' }).status === 0;
}
