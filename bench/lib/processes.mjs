import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { ROOT, SERVICE_MAIN } from './paths.mjs';
import { within } from './time.mjs';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 30_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();

// However this process ends, nothing of it stays behind.
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Of this process's environment, only what is needed to run anything: no setting of the user's leaks in. */
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
 * @param {Record<string, string>} [settings] its environment
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

/** Waits until the process has printed a match, and returns it. */
export async function printed(child, pattern) {
  const match = new Promise((resolve, reject) => {
    const look = () => {
      const found = pattern.exec(child.output);
      if (found) resolve(found);
    };
    child.stdout.on('data', look);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`It ended (${code}): ${child.output}`)));
    look();
  });
  return within(match, START_LIMIT_MS, () => `It did not print ${pattern}: ${child.output}`);
}

/**
 * Starts a node of the service with its defaults, apart from `settings`, on a free port.
 *
 * @param {string} databaseUrl
 * @param {Record<string, string>} [settings]
 * @param {readonly string[]} [nodeOptions]
 */
export async function startService(databaseUrl, settings = {}, nodeOptions = []) {
  const child = start(process.execPath, [...nodeOptions, SERVICE_MAIN], {
    DATABASE_URL: databaseUrl,
    PORT: '0',
    ...settings,
  });
  const [, url] = await printed(child, /API\s+(http:\S+)/);
  return { child, url };
}

/** Starts an application that prints where it listens. */
export async function startApplication(file, ...args) {
  const child = start(process.execPath, [file, ...args], { NODE_ENV: 'production' });
  const [, url] = await printed(child, /listening on (http:\S+)/);
  return { child, url };
}

/** Starts a module that talks by messages: see rivals/. */
export function startRival(file, task) {
  const options = { cwd: ROOT, env: environment({ NODE_ENV: 'production' }) };
  return keep(fork(file, [JSON.stringify(task)], options));
}

/** Waits for a message of a rival. */
export async function received(child, type, limitMs) {
  const message = new Promise((resolve, reject) => {
    child.on('message', (value) => value.type === type && resolve(value));
    child.once('exit', (code) => reject(new Error(`The rival ended (${code}) before "${type}"`)));
  });
  return within(message, limitMs, () => `The rival did not say "${type}"`);
}

/** Asks a process to end, and makes it end when it does not. */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await within(ended, STOP_LIMIT_MS, () => 'It did not end').catch(async () => {
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
