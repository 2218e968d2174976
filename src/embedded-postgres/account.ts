import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { EmbeddedPostgresError, USE_YOUR_OWN } from './error';

/** The unprivileged user a server runs as when this process is root, which PostgreSQL refuses. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Tried in this order: PostgreSQL's own user, the one of Node's images, the one that is always there. */
const CANDIDATES = ['postgres', '_postgres', 'node', 'nobody'];

const ROOT = 0;

/**
 * Who the server has to run as: undefined for this process's own user. As root it is the owner of
 * the cluster, else of the data folder (so that this user may start the service later), else a
 * user made for such work. initdb looks its user up, so an owner without a passwd entry is of use
 * only for a cluster that exists already.
 *
 * @throws EmbeddedPostgresError when a cluster belongs to a user this process cannot act for
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
  if (!chosen) throw nobodyToRunAs();
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
    `The database in ${clusterDir} belongs to the user ${owner} (uid ${uid}), and this process ` +
      `runs as ${self}. Start it as ${owner}, or hand the folder over with ` +
      `"sudo chown -R ${self} ${clusterDir}", or set DATA_DIR to another folder.`,
  );
}

function nobodyToRunAs(): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `PostgreSQL refuses to run as root, and /etc/passwd has none of the users ` +
      `${CANDIDATES.join(', ')} to run it as. Start the service as an ordinary user, or ` +
      `${USE_YOUR_OWN}.`,
  );
}
