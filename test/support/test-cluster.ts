import type { EmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres';

interface TestCluster {
  readonly dataDir: string;
  readonly postgres: EmbeddedPostgres;
}

const KEY = Symbol.for('order-service.test-cluster');

/** What global-setup.ts hands to global-teardown.ts: jest loads the two apart, in one process. */
export const testCluster = {
  set(cluster: TestCluster): void {
    Reflect.set(globalThis, KEY, cluster);
  },
  get(): TestCluster | undefined {
    return Reflect.get(globalThis, KEY) as TestCluster | undefined;
  },
};
