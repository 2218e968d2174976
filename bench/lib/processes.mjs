import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { ROOT, SERVICE_MAIN } from './paths.mjs';
import { within } from './time.mjs';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 30_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();

// All child processes are killed when this process exits.
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** The environment variables that any program needs, without the user's settings of the service. */
function environment(settings) {
  const { PATH, HOME, SYSTEMROOT } = process.env;
  return { PATH, HOME, SYSTEMROOT, ...settings };
}

function keep(child) {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string>} [settings] further environment variables
 */
export function start(command, args, settings = {}) {
  const options = { cwd: ROOT, env: environment(settings), stdio: ['ignore', 'pipe', 'pipe'] };
  const child = keep(spawn(command, args, options));
  child.output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => (child.output = (child.output + text).slice(-10_000)));
  }
  return child;
}

/** Waits until the process prints text that matches, and returns the match. */
export async function printed(child, pattern) {
  const match = new Promise((resolve, reject) => {
    const look = () => {
      const found = pattern.exec(child.output);
      if (found) resolve(found);
    };
    child.stdout.on('data', look);
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`The process exited (${code}): ${child.output}`)),
    );
    look();
  });
  return within(
    match,
    START_LIMIT_MS,
    () => `The process did not print ${pattern}: ${child.output}`,
  );
}

/** The JSON ready line, or the greeting of commits that print no ready line. */
const READY = /"event":"ready".*"url":"([^"]+)"|API\s+(http:\S+)/;

/**
 * Starts a node of the service on a free port, with defaults for all other settings.
 *
 * @param {string} databaseUrl
 * @param {Record<string, string>} [settings]
 * @param {string} [main] the entry file; another commit has another one
 */
export async function startService(databaseUrl, settings = {}, main = SERVICE_MAIN) {
  const child = start(process.execPath, [main], {
    DATABASE_URL: databaseUrl,
    PORT: '0',
    ...settings,
  });
  const [, ready, greeting] = await printed(child, READY);
  return { child, url: ready ?? greeting };
}

/** Starts an application that prints the URL on which it listens. */
export async function startApplication(file, ...args) {
  const child = start(process.execPath, [file, ...args], { NODE_ENV: 'production' });
  const [, url] = await printed(child, /listening on (http:\S+)/);
  return { child, url };
}

/** Starts a module of rivals/, which communicates by messages (see rivals/talk.mjs). */
export function startRival(file, task) {
  const options = { cwd: ROOT, env: environment({ NODE_ENV: 'production' }) };
  return keep(fork(file, [JSON.stringify(task)], options));
}

/** Waits for a message from a rival. */
export async function received(child, type, limitMs) {
  const message = new Promise((resolve, reject) => {
    child.on('message', (value) => value.type === type && resolve(value));
    child.once('exit', (code) =>
      reject(new Error(`The rival exited (${code}) before it sent "${type}"`)),
    );
  });
  return within(message, limitMs, () => `The rival did not send "${type}"`);
}

/** Stops a process with SIGTERM, or with SIGKILL if it does not exit in time. */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await within(ended, STOP_LIMIT_MS, () => 'The process did not exit').catch(async () => {
    child.kill('SIGKILL');
    await ended;
  });
}

/** @returns the resident memory of a process in MB; NaN where there is no /proc */
export function residentMb({ pid }) {
  try {
    const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kb) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** Linux counts processor time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** @returns the processor time in seconds that a process has used since its start; NaN where there is no /proc */
export function cpuSeconds({ pid }) {
  try {
    // The second field, the name in parentheses, may itself contain spaces; utime and stime are fields 14 and 15.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return Number.NaN;
  }
}
