import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './paths.mjs';
import { npm } from './prepare.mjs';

/** Another commit of the service, built in a git worktree in a temporary folder, which is removed at the process's exit. */
export class OtherCommit {
  /**
   * Takes a minute or two if the commit has other dependencies, because they are then installed.
   *
   * @param {string} ref a commit, branch or tag
   * @throws Error if there is no such commit, or if it cannot be built
   */
  constructor(ref) {
    this.hash = git('rev-parse', '--short', '--verify', `${ref}^{commit}`).trim();
    const folder = mkdtempSync(join(tmpdir(), 'order-service-bench-'));
    const checkout = join(folder, 'checkout');
    process.on('exit', () => remove(folder));
    git('worktree', 'add', '--detach', checkout, this.hash);
    installDependencies(checkout);
    npm('run build', checkout);
    this.folder = join(checkout, 'dist', 'src');
    /** The entry file of this commit's service. */
    this.main = join(this.folder, 'main.js');
  }

  /** @param {string} path of a compiled file of this commit's service, from `dist/src` */
  importService(path) {
    return import(pathToFileURL(join(this.folder, path)).href);
  }
}

/** Uses the installed dependencies of this checkout if both have the same lock file. */
function installDependencies(checkout) {
  const [theirs, ours] = [checkout, ROOT].map((root) =>
    readFileSync(join(root, 'package-lock.json')),
  );
  if (theirs.equals(ours)) {
    symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'), 'junction');
  } else npm('ci', checkout);
}

function remove(folder) {
  rmSync(folder, { recursive: true, force: true });
  // Removes git's records of worktrees whose folder no longer exists.
  git('worktree', 'prune');
}

function git(...args) {
  const stdio = ['ignore', 'pipe', 'inherit'];
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio });
}
