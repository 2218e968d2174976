import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { EmbeddedPostgresError, USE_YOUR_OWN } from './error';

/** The unprivileged user that the server runs as when this process is root: PostgreSQL refuses to run as root. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** In order of preference: PostgreSQL's own user, the user of Node's images, the user that every system has. */
const CANDIDATES = ['postgres', '_postgres', 'node', 'nobody'];

const ROOT = 0;

/**
 * Chooses the user that the server runs as; undefined means this process's own user. For root it is the owner of the
 * cluster, else the owner of the data folder (who may then start the service as well), else an unprivileged system
 * user. initdb requires an entry in /etc/passwd, so an owner without one is accepted for an existing cluster only.
 *
 * @throws EmbeddedPostgresError when the cluster belongs to another user and this process is not root
 */
export async function chooseAccount(
  dataDir: string,
  clusterDir: string,
): Promise<Account | undefined> {
  const cluster = await ownerOf(clusterDir);
  if (process.getuid === undefined) return undefined; // Windows has no numeric users
  const self = process.getuid();
  const accounts = await listAccounts();
  if (self !== ROOT) {
    if (cluster && cluster.uid !== self) throw wrongOwner(clusterDir, cluster.uid, accounts);
    return undefined;
  }
  if (cluster && cluster.uid !== ROOT) {
    return accounts.find(({ uid }) => uid === cluster.uid) ?? { name: 'owner', ...cluster };
  }
  const folder = await ownerOf(dataDir);
  const chosen =
    accounts.find(({ uid }) => uid !== ROOT && uid === folder?.uid) ??
    CANDIDATES.map((name) => accounts.find((account) => account.name === name)).find(Boolean);
  if (!chosen) throw noUnprivilegedUser();
  return chosen;
}

async function ownerOf(path: string): Promise<{ uid: number; gid: number } | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && { uid: found.uid, gid: found.gid };
}

async function listAccounts(): Promise<Account[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const [name = '', , uid, gid] = line.split(':');
    const account = { name, uid: Number(uid), gid: Number(gid) };
    // macOS writes nobody as -2, which setuid does not take.
    return uid && account.uid >= 0 && account.gid >= 0 ? [account] : [];
  });
}

function wrongOwner(
  clusterDir: string,
  uid: number,
  accounts: readonly Account[],
): EmbeddedPostgresError {
  const owner = accounts.find((account) => account.uid === uid)?.name ?? 'unknown';
  const self = userInfo().username;
  return new EmbeddedPostgresError(
    `The database in ${clusterDir} belongs to the user ${owner} (uid ${uid}), but this process ` +
      `runs as ${self}. Start the service as ${owner}, or change the owner with ` +
      `"sudo chown -R ${self} ${clusterDir}", or set DATA_DIR to another folder.`,
  );
}

function noUnprivilegedUser(): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `PostgreSQL refuses to run as root, and none of the users ${CANDIDATES.join(', ')} exists in ` +
      `/etc/passwd. Start the service as an ordinary user, or ${USE_YOUR_OWN}.`,
  );
}
