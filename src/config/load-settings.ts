import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { AREAS, defaultSettings, type Settings } from './settings';

/** Thrown when a variable does not fit; names each one and what it takes, never the value it had. */
export class SettingsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The settings do not fit:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'SettingsError';
  }
}

/**
 * Reads, checks and freezes the settings. A variable that is empty counts as unset, because that is how
 * compose files pass a variable on that nobody set.
 *
 * @throws SettingsError with every variable that does not fit
 */
export function loadSettings(
  environment: Record<string, string | undefined> = process.env,
): Settings {
  const given = Object.fromEntries(
    Object.keys(defaultSettings())
      .map((property) => [property, environment[variableName(property)]?.trim()] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const areas = AREAS.map((Area) => areaOf(Area, given));
  const settings = Object.assign({}, ...areas) as Settings;
  const invalid = areas.flatMap(invalidProperties);
  // Only values that fit can be held against each other.
  const problems = invalid.length > 0 ? invalid : contradictions(settings);
  if (problems.length > 0) throw new SettingsError(problems);
  return Object.freeze(settings);
}

/** `queueCapacity` becomes `QUEUE_CAPACITY`. */
export function variableName(property: string): string {
  return property.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase();
}

/** The area's own part of what was given; what was not given has its default. */
function areaOf(Area: new () => object, given: Record<string, string | undefined>): object {
  const own = Object.keys(new Area()).filter((property) => property in given);
  const values = Object.fromEntries(own.map((property) => [property, given[property]]));
  return plainToInstance(Area, values, { exposeDefaultValues: true });
}

function invalidProperties(area: object): string[] {
  return validateSync(area).map(({ property, constraints }) => {
    const messages = new Set(Object.values(constraints ?? {}));
    return `${variableName(property)} ${[...messages].join(' and ')}`;
  });
}

function contradictions(settings: Settings): string[] {
  const problems: string[] = [];
  const require = (fits: boolean, problem: string) => {
    if (!fits) problems.push(problem);
  };
  require(settings.processingMinMs <=
    settings.processingMaxMs, 'PROCESSING_MIN_MS must not be above PROCESSING_MAX_MS');
  require(settings.retryBaseMs <=
    settings.retryMaxMs, 'RETRY_BASE_MS must not be above RETRY_MAX_MS');
  require(settings.leaseMs >=
    3 *
      settings.heartbeatIntervalMs, 'LEASE_MS must be at least three times HEARTBEAT_INTERVAL_MS, so that one late beat costs no claim');
  require(settings.queueEngine !== 'bullmq' ||
    settings.redisUrl !== undefined, 'QUEUE_ENGINE=bullmq needs REDIS_URL');
  return [...problems, ...fulfilmentContradictions(settings)];
}

function fulfilmentContradictions(settings: Settings): string[] {
  const { fulfilmentUrl: url, fulfilmentTimeoutMs, staleAfterMs } = settings;
  if (settings.fulfilment !== 'http') return [];
  if (url === undefined) return ['FULFILMENT=http needs FULFILMENT_URL'];
  const problems: string[] = [];
  if (!isPlainUrl(url)) {
    problems.push('FULFILMENT_URL takes a valid address without a user name or password');
  }
  if (fulfilmentTimeoutMs >= staleAfterMs) {
    problems.push(
      'FULFILMENT_TIMEOUT_MS must be below STALE_AFTER_MS, or claims are taken away during calls',
    );
  }
  return problems;
}

/** A user name or password in the address would not be sent, and would end up in logs. */
function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}
