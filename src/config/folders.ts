import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this project: that of package.json, above the source as well as above the compiled file. */
export const PROJECT_DIR = findProject(__dirname);

/** The folder in which the service was started; see {@link callerDir}. */
export const CALLER_DIR = callerDir(process.env, process.cwd());

/**
 * The folder that relative paths in the environment refer to: the process's current folder. npm, however, runs a
 * script in the project's folder, whatever the caller's folder was, and names that one in INIT_CWD.
 */
export function callerDir(
  environment: Readonly<Record<string, string | undefined>>,
  currentDir: string,
): string {
  const { npm_package_json: npmProject, INIT_CWD: npmCaller } = environment;
  const startedByNpm =
    currentDir === PROJECT_DIR && npmProject === join(PROJECT_DIR, 'package.json');
  return startedByNpm && npmCaller ? npmCaller : currentDir;
}

function findProject(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`No package.json above ${__dirname}`);
  return findProject(parent);
}
