import { rm } from 'node:fs/promises';
import { testCluster } from './test-cluster';

export default async function globalTeardown(): Promise<void> {
  const cluster = testCluster.get();
  if (!cluster) return;
  await cluster.postgres.stop();
  await rm(cluster.dataDir, { recursive: true, force: true });
}
