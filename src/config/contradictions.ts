import type { Settings } from './settings';

/** A lease spans at least this many heartbeats, so that one late heartbeat expires no claim. */
const HEARTBEATS_PER_LEASE = 3;

/** What is wrong with settings that are valid one by one, but not together: one sentence for each problem. */
export function contradictions(settings: Settings): string[] {
  const rules: [valid: boolean, problem: string][] = [
    [
      settings.processingMinMs <= settings.processingMaxMs,
      'PROCESSING_MIN_MS must not be above PROCESSING_MAX_MS',
    ],
    [settings.retryBaseMs <= settings.retryMaxMs, 'RETRY_BASE_MS must not be above RETRY_MAX_MS'],
    [
      settings.leaseMs >= HEARTBEATS_PER_LEASE * settings.heartbeatIntervalMs,
      `LEASE_MS must be at least ${HEARTBEATS_PER_LEASE} times HEARTBEAT_INTERVAL_MS, so that one late heartbeat expires no claim`,
    ],
    [
      settings.queueEngine !== 'bullmq' || settings.redisUrl !== undefined,
      'QUEUE_ENGINE=bullmq requires REDIS_URL',
    ],
    ...fulfilmentRules(settings),
  ];
  return rules.filter(([valid]) => !valid).map(([, problem]) => problem);
}

function fulfilmentRules(settings: Settings): [boolean, string][] {
  const { fulfilmentUrl: url } = settings;
  if (settings.fulfilment !== 'http') return [];
  if (url === undefined) return [[false, 'FULFILMENT=http requires FULFILMENT_URL']];
  return [
    [isPlainUrl(url), 'FULFILMENT_URL must be a valid URL without a user name and password'],
    [
      settings.fulfilmentTimeoutMs < settings.staleAfterMs,
      'FULFILMENT_TIMEOUT_MS must be below STALE_AFTER_MS, or claims expire during calls',
    ],
  ];
}

/** A user name and password would not be sent, and would appear in logs. */
function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}
