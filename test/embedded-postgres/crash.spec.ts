import { chown, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning } from '../../src/embedded-postgres/process';
import { readPostmasterPid } from '../../src/embedded-postgres/postmaster-pid';
import {
  EmbeddedPostgresHarness,
  isRoot,
  ps,
  query,
  signalGuard,
} from '../support/embedded-postgres-harness';
import { until } from '../support/until';

describe('EmbeddedPostgres with crashed or concurrent processes', () => {
  const harness = new EmbeddedPostgresHarness();

  describe('when the application ends', () => {
    it('ends with it after a kill -9, and keeps committed data', async () => {
      const application = harness.launch();
      const { url = '' } = await application.report;
      await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
      const pid = await harness.serverPid();

      await application.kill();
      await until('the server has ended', () => !isRunning(pid));

      const postgres = await harness.start();
      expect(await query(postgres.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    });

    it('waits for the server of a killed application that is still stopping', async () => {
      const application = harness.launch();
      await application.report;
      const orphan = await harness.serverPid();
      process.kill(orphan, 'SIGSTOP'); // stopping takes as long as the test wants
      harness.cleanUp(() => isRunning(orphan) && process.kill(orphan, 'SIGCONT'));
      await application.kill();
      const messages: string[] = [];

      await harness.start({}, (line) => {
        messages.push(line);
        process.kill(orphan, 'SIGCONT');
      });

      expect(messages).toEqual([`Waiting for the previous PostgreSQL (pid ${orphan}) to stop`]);
      expect(isRunning(orphan)).toBe(false);
    });

    it('ends with it when it exits without stopping the server', async () => {
      const { url } = await harness.launch({ then: 'exit' }).report;
      expect(url).toBeDefined();
      await until('the lock is free', async () => !(await readPostmasterPid(harness.clusterDir)));
    });

    it('is still guarded after a SIGTERM to all processes at once', async () => {
      const application = harness.launch();
      await application.report;
      const pid = await harness.serverPid();
      await signalGuard(pid, 'SIGTERM');

      await application.kill();
      await until('the server has ended', () => !isRunning(pid));
    });

    it('is not in its process group, so that Ctrl-C reaches the application only', async () => {
      await harness.start();
      const pid = await harness.serverPid();
      const groups = await Promise.all([
        ps(pid, 'pgid'),
        ps(await ps(pid, 'ppid'), 'pgid'),
        ps(process.pid, 'pgid'),
      ]);

      expect(groups[0]).toBe(groups[1]);
      expect(groups[0]).not.toBe(groups[2]);
    });
  });

  describe('the lock of the data folder', () => {
    it('refuses a second application without disturbing the first', async () => {
      const application = harness.launch();
      const { url = '' } = await application.report;

      await expect(harness.start()).rejects.toThrow(
        new RegExp(`in use.*application with pid ${application.pid}.*DATA_DIR`),
      );
      expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });

    it('goes to one of two applications that start at the same moment', async () => {
      const reports = await Promise.all([harness.launch().report, harness.launch().report]);

      const [url] = reports.flatMap((report) => report.url ?? []);
      const errors = reports.flatMap((report) => report.error ?? []);
      expect(errors).toEqual([expect.stringContaining('in use')]);
      expect(await query(url ?? '', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });

    it('is taken over from a server that has ended even if its pid now belongs to another program', async () => {
      await (await harness.start()).stop();
      const lock = join(harness.clusterDir, 'postmaster.pid');
      const otherProgram = await harness.spawnOtherProgram();
      const lines = [otherProgram, harness.clusterDir, 1, 5432, '', '127.0.0.1', '', 'ready', ''];
      await writeFile(lock, lines.join('\n'), { mode: 0o600 });
      const { uid } = await stat(harness.clusterDir);
      if (isRoot) await chown(lock, uid, uid);

      const postgres = await harness.start();

      expect(await query(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect(isRunning(otherProgram)).toBe(true);
    });

    it('is taken over from a server that ended before it had written its pid', async () => {
      await (await harness.start()).stop();
      await writeFile(join(harness.clusterDir, 'postmaster.pid'), '');

      expect((await harness.start()).firstStart).toBe(false);
    });
  });

  describe('an interrupted first start', () => {
    it('leaves nothing that the next start could take for a database', async () => {
      const application = harness.launch();
      await until('initdb has begun', async () => {
        const made = await readdir(harness.dataDir).catch(() => []);
        return made.some((name) => name.startsWith('pg18.creating-'));
      });
      await application.kill();
      expect(await readdir(harness.dataDir)).not.toContain('pg18');

      expect((await harness.start()).firstStart).toBe(true);
      await until('the partial cluster is removed', async () => {
        await harness.start().catch(() => undefined); // an initdb whose parent was killed may still write for a moment
        return (await readdir(harness.dataDir)).every((name) => !name.includes('creating'));
      });
    });
  });
});
