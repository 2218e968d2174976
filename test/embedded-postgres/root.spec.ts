import { access, chmod, chown, mkdir, readdir, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/embedded-postgres/process';
import {
  EmbeddedPostgresHarness,
  SOMEBODY,
  canActAsSomebody,
  isRoot,
  query,
} from '../support/embedded-postgres-harness';
import { itIf } from '../support/requirement';

const itRoot = itIf(isRoot, 'Only root can act as other users. Run the tests as root.');
const itSomebody = itIf(
  canActAsSomebody(),
  'Only root can act as other users, and they must be able to read the checkout. Run the tests as root in such a folder.',
);
const itUnprivileged = isRoot ? itSomebody : it;

/** daemon: an ordinary user that every system has. */
const OWNER = 1;

describe('EmbeddedPostgres as root and with restricted folders', () => {
  const harness = new EmbeddedPostgresHarness();

  describe('the binaries', () => {
    it('get their missing library links when npm was not allowed to create them', async () => {
      const packageDir = await harness.copyPackage();
      await harness.removeLinks(packageDir);

      const postgres = await harness.start({ packageDir });
      expect(await query(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });

    itUnprivileged(
      'are copied when the links are missing and node_modules is read-only',
      async () => {
        const packageDir = await harness.copyPackage();
        await harness.removeLinks(packageDir);
        await chmod(join(packageDir, 'native', 'lib'), 0o555);
        harness.cleanUp(() => chmod(join(packageDir, 'native', 'lib'), 0o755));
        await mkdir(harness.dataDir);
        if (isRoot) await chown(harness.dataDir, SOMEBODY, SOMEBODY);

        const application = harness.launch({ packageDir, ...(isRoot ? { uid: SOMEBODY } : {}) });

        const { url, error } = await application.report;
        expect(error).toBeUndefined();
        expect(await query(url ?? '', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      },
    );
  });

  describe('as root', () => {
    itRoot(
      'runs from a folder that only root can enter, and finds its data there again',
      async () => {
        await chmod(harness.root, 0o700);
        const packageDir = await harness.copyPackage();
        const first = await harness.start({ packageDir });
        await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
        await first.stop();

        const second = await harness.start({ packageDir });

        expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
        expect(await readdir(harness.dataDir)).toContain('pg18');
        expect(await harness.serverUid()).not.toBe(0);
      },
    );

    itRoot('does not run binaries that another user could have put there', async () => {
      await chmod(harness.root, 0o700);
      const packageDir = await harness.copyPackage();
      const planted = harness.sharedCopy('/var/cache');
      await mkdir(join(planted, 'native', 'bin'), { recursive: true });
      await writeFile(join(planted, 'native', 'bin', 'postgres'), '#!/bin/sh\nexit 0', {
        mode: 0o755,
      });
      await chown(planted, SOMEBODY, SOMEBODY);

      const postgres = await harness.start({ packageDir });

      expect(await query(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect((await stat(harness.sharedCopy('/var/tmp'))).uid).toBe(0);
    });

    itRoot('replaces a copy of the binaries with missing files', async () => {
      await chmod(harness.root, 0o700);
      const packageDir = await harness.copyPackage();
      await (await harness.start({ packageDir })).stop();
      const copy = harness.sharedCopy('/var/cache');
      await unlink(join(copy, 'native', 'lib', 'libpq.so.5.18'));

      await harness.start({ packageDir });
      await access(join(copy, 'native', 'lib', 'libpq.so.5.18'));
    });

    itRoot('runs as the owner of the data folder when that is an ordinary user', async () => {
      await mkdir(harness.dataDir);
      await chown(harness.dataDir, OWNER, OWNER);

      await harness.start();
      expect(await harness.serverUid()).toBe(OWNER);
    });

    itRoot('takes over a database that root has copied here', async () => {
      await (await harness.start()).stop();
      await run('/bin/chown', ['-R', '0:0', harness.clusterDir]);

      expect((await harness.start()).firstStart).toBe(false);
    });

    itSomebody('tells another user who owns the database', async () => {
      await mkdir(harness.dataDir);
      await chown(harness.dataDir, OWNER, OWNER);
      await (await harness.start()).stop();
      await chmod(harness.dataDir, 0o777);

      const { error } = await harness.launch({ uid: SOMEBODY }).report;
      expect(error).toMatch(/belongs to the user daemon .* runs as nobody.*chown -R/);
    });
  });
});
