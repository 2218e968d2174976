import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { errorCode } from './error';

interface Link {
  readonly source: string;
  readonly target: string;
}

const WRITABLE_BY_OTHERS = 0o022;

/** Creates the missing links between shared libraries. Returns the reason if that fails, else undefined. */
export async function restoreLinks(packageDir: string): Promise<string | undefined> {
  const list = join(packageDir, 'native', 'pg-symlinks.json');
  const text = await readFile(list, 'utf8').catch(() => '[]'); // Windows has none
  for (const { source, target } of JSON.parse(text) as Link[]) {
    try {
      await symlink(relative(dirname(target), source), join(packageDir, target));
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') return `the link ${target} is missing (${String(error)})`;
    }
  }
  return undefined;
}

/**
 * Copies the package to `copy`, completely or not at all: it is written beside and then renamed. An existing copy is
 * used if no other user can have written it and no file is missing. Returns the reason if that fails, else undefined.
 */
export async function makeCopy(packageDir: string, copy: string): Promise<string | undefined> {
  try {
    if (await isOurs(copy)) {
      if (await isComplete(packageDir, copy)) return undefined;
      await rm(copy, { recursive: true, force: true }); // e.g. a cleanup job has removed a part of it
    }
    const staging = await mkdtemp(`${copy}-`);
    try {
      await copyTree(join(packageDir, 'native'), join(staging, 'native'));
      const problem = await restoreLinks(staging);
      if (problem !== undefined) return problem;
      await chmod(staging, 0o755);
      await rename(staging, copy);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
    return undefined;
  } catch (error) {
    // Another start has made the copy meanwhile, or another user has created the name.
    const taken = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errorCode(error) ?? '');
    return taken && (await isOurs(copy)) ? undefined : String(error);
  }
}

async function isOurs(copy: string): Promise<boolean> {
  const found = await lstat(copy).catch(() => undefined);
  if (!found) return false;
  return (
    found.isDirectory() &&
    found.uid === process.getuid?.() &&
    (found.mode & WRITABLE_BY_OTHERS) === 0
  );
}

async function isComplete(packageDir: string, copy: string): Promise<boolean> {
  const [wanted, there] = await Promise.all([listSizes(packageDir), listSizes(copy)]);
  return [...wanted].every(([file, size]) => there.get(file) === size);
}

/** The plain files under `native/` and their sizes. */
async function listSizes(packageDir: string): Promise<Map<string, number>> {
  const native = join(packageDir, 'native');
  const entries = await readdir(native, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(native, path), (await lstat(path)).size] as const;
    }),
  );
  return new Map(sizes);
}

/** Like `cp -r`, but readable by every user, whatever the umask was when npm unpacked the source. */
async function copyTree(source: string, target: string): Promise<void> {
  await mkdir(target);
  await chmod(target, 0o755);
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) await copyTree(from, to);
    else if (entry.isSymbolicLink()) await symlink(await readlink(from), to);
    else {
      await copyFile(from, to);
      await chmod(to, ((await lstat(from)).mode & 0o100) === 0 ? 0o644 : 0o755);
    }
  }
}
