import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inBench } from './paths.mjs';

/** In the checkout, as for users: the system's temporary folder may be in memory, where nothing is durable. */
const FOLDERS = inBench('.data');

/** @returns a new folder for this run's data, which {@link removeFolder} removes */
export async function createFolder(name) {
  const folder = join(FOLDERS, `${process.pid}-${name}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

export function removeFolder(folder) {
  return rm(folder, { recursive: true, force: true });
}

/** Removes the folders of runs that were killed. */
export async function removeAbandoned() {
  const names = await readdir(FOLDERS).catch(() => []);
  for (const name of names) {
    if (!isRunning(Number.parseInt(name, 10))) await removeFolder(join(FOLDERS, name));
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
