// Compiles the service into `dist`: `npm run build`, and before `npm start` and `npm run cluster`.
//
//   node scripts/build.mjs [PROJECT]   PROJECT: the folder to build, this project unless given
//
// It may run beside a service or tests that use the same `dist`: nothing is written when nothing has changed, a file
// is replaced as a whole and only when its content differs, and a failed compilation leaves `dist` as it was. Only the
// compiled files of deleted sources are removed.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompileError, compile } from './compile.mjs';

const PROJECT = resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));
const DIST = join(PROJECT, 'dist');
const MAIN = join(DIST, 'src', 'main.js');

/** TypeScript's record of what it has compiled; lets it compile only what has changed. */
const STATE_FILE = join(DIST, 'build.tsbuildinfo');

/** The fingerprint of the sources of the last build, and the names of the files that it consists of. */
const RECORD_FILE = join(DIST, 'build.json');

/** All that the compiled files depend on. The lock file stands for the versions of TypeScript and of the types. */
const INPUTS = [
  ...['src', 'migrations', 'ormconfig.ts', 'tsconfig.json', 'tsconfig.build.json'],
  ...['package-lock.json', 'scripts/build.mjs', 'scripts/compile.mjs'],
];

function build() {
  // A deployment that has the finished build only.
  if (!existsSync(join(PROJECT, 'src')) && existsSync(MAIN)) return;
  const fingerprint = fingerprintOf(INPUTS.map((input) => join(PROJECT, input)));
  const record = readRecord();
  const complete = record?.files.every((file) => existsSync(join(DIST, file))) ?? false;
  if (complete && record.fingerprint === fingerprint) return;
  const startedAt = performance.now();
  console.log('Building the service. This takes some seconds.');
  const outputs = compile({ project: PROJECT, stateFile: STATE_FILE, incremental: complete });
  write(outputs, fingerprint);
  console.log(`Built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
}

/** The record comes last: a build that is interrupted before is repeated from the beginning. */
function write(outputs, fingerprint) {
  const known = readRecord();
  if (known) replace(RECORD_FILE, JSON.stringify({ ...known, fingerprint: '' }));
  for (const [file, text] of outputs) replace(file, text);
  removeOutdated(outputs);
  const files = [...outputs.keys()].map((file) => relative(DIST, file));
  replace(RECORD_FILE, JSON.stringify({ fingerprint, files }));
}

/** Writes a file beside and renames it, so that a reader sees the old content or the new, never a part. */
function replace(file, text) {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  mkdirSync(dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, text);
  renameSync(beside, file);
}

/** Compiled files without a source must not stay: an import of them would work here and nowhere else. */
function removeOutdated(outputs) {
  for (const entry of readdirSync(DIST, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (/\.js(\.map)?$/.test(path) && !outputs.has(path)) rmSync(path, { force: true });
  }
}

/** By content, not by time: a checkout of another commit and back changes nothing but times. */
function fingerprintOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesIn)) {
    hash
      .update(`${relative(PROJECT, path)}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesIn(path) {
  if (path.endsWith('.spec.ts') || !existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).sort();
  return names.flatMap((name) => filesIn(join(path, name)));
}

function readRecord() {
  try {
    return JSON.parse(readFileSync(RECORD_FILE, 'utf8'));
  } catch {
    return undefined;
  }
}

try {
  build();
} catch (error) {
  console.error(error instanceof CompileError ? error.message : error);
  process.exitCode = 1;
}
