/**
 * Waits between the tries of a claim or settle that failed: from a tenth of a second, so that a broken connection costs
 * little, to five, so that an unavailable database is not flooded.
 */
export const STATEMENT_RETRY_BASE_MS = 100;
export const STATEMENT_RETRY_MAX_MS = 5_000;
