import { createRequire } from 'node:module';

/** The service's copy of pg, so that the service and the rivals' handlers use the same version. */
export const { Client, Pool } = createRequire(new URL('../../package.json', import.meta.url))('pg');
