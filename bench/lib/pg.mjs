import { createRequire } from 'node:module';

/** The service's own copy of pg, so that ours and the rivals' handlers run the same. */
export const { Client, Pool } = createRequire(new URL('../../package.json', import.meta.url))('pg');
