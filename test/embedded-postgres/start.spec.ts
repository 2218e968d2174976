import { once } from 'node:events';
import { appendFile, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import {
  EmbeddedPostgres,
  EmbeddedPostgresError,
} from '../../src/embedded-postgres/embedded-postgres';
import { isRunning } from '../../src/embedded-postgres/process';
import { freePort } from '../../src/embedded-postgres/server';
import { EmbeddedPostgresHarness, query } from '../support/embedded-postgres-harness';

describe('EmbeddedPostgres', () => {
  const harness = new EmbeddedPostgresHarness();

  describe('starting', () => {
    it('creates the database at the first start, and finds its rows at the next', async () => {
      const first = await harness.start();
      await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
      await first.stop();

      const second = await harness.start();

      expect([first.firstStart, second.firstStart]).toEqual([true, false]);
      expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    });

    it('requires the password, which only its user can read', async () => {
      const postgres = await harness.start();
      const wrong = new URL(postgres.url);
      wrong.password = 'guess';

      await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
      const { mode } = await stat(join(harness.clusterDir, 'order-service-password'));
      expect(mode & 0o777).toBe(0o600);
    });

    it('syncs every commit to the disk unless told otherwise', async () => {
      const postgres = await EmbeddedPostgres.start({ dataDir: harness.dataDir });
      harness.cleanUp(() => postgres.stop());

      const settings = `name IN ('fsync', 'synchronous_commit', 'full_page_writes')`;
      expect(
        await query(
          postgres.url,
          `SELECT name FROM pg_settings WHERE ${settings} AND setting = 'on'`,
        ),
      ).toHaveLength(3);
    });

    it('is the same whatever the locale and the variables of the caller', async () => {
      const env = {
        LANG: 'xx_YY.none',
        LC_ALL: 'tr_TR.bad',
        PGOPTIONS: '-c nonsense=1',
        PGDATA: '/nowhere',
        TZ: 'Asia/Nowhere',
      };
      const { url = '' } = await harness.launch({ env }).report;

      const shown = `SELECT current_setting('server_encoding') AS encoding, lower('ÉI') AS lower, current_setting('TimeZone') AS zone`;
      expect(await query(url, shown)).toEqual([{ encoding: 'UTF8', lower: 'éi', zone: 'UTC' }]);
    });

    it('uses another port when its own was taken meanwhile', async () => {
      const occupant = createServer().listen(0, '127.0.0.1');
      await once(occupant, 'listening');
      harness.cleanUp(() => occupant.close());
      const taken = (occupant.address() as { port: number }).port;
      const ports = [taken, await freePort()];

      const postgres = await harness.start({
        pickPort: () => Promise.resolve(ports.shift() ?? NaN),
      });

      expect(ports).toEqual([]);
      expect(await query(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });

    it('shows the end of the log when the server does not start', async () => {
      await (await harness.start()).stop();
      await appendFile(join(harness.clusterDir, 'postgresql.conf'), '\nno_such_setting = 1\n');

      await expect(harness.start()).rejects.toThrow(/"no_such_setting"[^]*set DATABASE_URL/);
    });

    it('reports a data folder that is not writable', async () => {
      await writeFile(join(harness.root, 'file'), '');
      harness.dataDir = join(harness.root, 'file', 'data');

      await expect(harness.start()).rejects.toThrow(EmbeddedPostgresError);
      await expect(harness.start()).rejects.toThrow(/is not writable.*DATA_DIR/);
    });

    it('does not touch the database of another major version', async () => {
      await mkdir(join(harness.dataDir, 'pg17'), { recursive: true });

      await expect(harness.start()).rejects.toThrow(/holds pg17.*pg_dump/);
      expect(await readdir(harness.dataDir)).toEqual(['pg17']);
    });

    it('does not touch a folder that is not a database of its version', async () => {
      await mkdir(harness.clusterDir, { recursive: true });
      await writeFile(join(harness.clusterDir, 'PG_VERSION'), '16\n');

      await expect(harness.start()).rejects.toThrow(/is of PostgreSQL 16.*Move it away/);
    });

    it('says what to do when there are no binaries for the platform', async () => {
      const real = process.arch;
      harness.cleanUp(() => Object.defineProperty(process, 'arch', { value: real }));
      Object.defineProperty(process, 'arch', { value: 'riscv64' });

      await expect(harness.start()).rejects.toThrow(/-riscv64 is not installed.*set DATABASE_URL/);
    });
  });

  describe('stopping', () => {
    it('may be requested several times', async () => {
      const postgres = await harness.start();
      const pid = await harness.serverPid();

      await Promise.all([postgres.stop(), postgres.stop()]);
      expect(isRunning(pid)).toBe(false);
      await postgres.stop();
    });

    it('ends the sessions of clients that are still connected', async () => {
      const postgres = await harness.start();
      const client = new Client({ connectionString: postgres.url });
      client.on('error', () => undefined);
      await client.connect();
      const ended = new Promise((resolve) => client.once('end', resolve));

      await postgres.stop();
      await ended;
    });
  });
});
