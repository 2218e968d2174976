import { EmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres';
import { TEMPLATE, asAdministrator, migrate, urlOf } from './database';
import { removeAbandonedFolders, temporaryFolder } from './temporary-folder';
import { testCluster } from './test-cluster';

/**
 * One throwaway cluster for the whole run, found by the workers through `TEST_POSTGRES_URL`. A run that a test starts
 * uses the cluster of the run around it.
 */
export default async function globalSetup(): Promise<void> {
  if (process.env['TEST_POSTGRES_URL'] !== undefined) return;
  await removeAbandonedFolders();
  const dataDir = await temporaryFolder();
  const postgres = await EmbeddedPostgres.start({ dataDir, durable: false });
  testCluster.set({ dataDir, postgres });
  process.env['TEST_POSTGRES_URL'] = postgres.url;
  await asAdministrator(`CREATE DATABASE ${TEMPLATE}`);
  await migrate(urlOf(TEMPLATE));
}
