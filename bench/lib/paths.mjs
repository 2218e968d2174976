import { fileURLToPath, pathToFileURL } from 'node:url';

const absolute = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const ROOT = absolute('.');
export const BENCH = absolute('bench');
export const SERVICE_MAIN = absolute('dist/src/main.js');
export const SEED_FILE = absolute('seed/init.sql');

/** @param {string} path of a compiled file of the service, relative to `dist/src` */
export function importService(path) {
  return import(pathToFileURL(absolute(`dist/src/${path}`)).href);
}

/** @param {string} path relative to `bench/` */
export const inBench = (path) => absolute(`bench/${path}`);
