import { closest, distance } from 'fastest-levenshtein';
import { variableName, type Environment } from './load-settings';
import { defaultSettings } from './settings';

/** First words of settings that variables of other programs begin with as well, such as HOST_NAME or LOG_DIR. */
const COMMON_WORDS = ['BODY', 'DATA', 'HOST', 'LOG', 'MAX', 'PORT', 'ROLE'];

/** Names of protections that people expect to be in force once they are set. */
const PROTECTIONS =
  /^(API_KEYS?|AUTH|AUTH_TOKEN|ALLOWED_(HOSTS|ORIGINS)|CORS_ORIGINS?|RATE_LIMIT\w*)$/;

/** What Kubernetes sets for a service called redis: REDIS_SERVICE_HOST, REDIS_PORT_6379_TCP_ADDR and the like. */
const KUBERNETES_NAME =
  /_SERVICE_(HOST|PORT)(_\w+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;
/** ... and REDIS_PORT=tcp://10.0.0.1:6379. */
const KUBERNETES_VALUE = /^(tcp|udp|sctp):\/\//;

/** Up to this length a name that differs in two characters is another word: HOME is not meant to be HOST. */
const SHORT_NAME = 5;

/**
 * Finds variables that look like settings of the service and are none, most likely misspelled, because a setting that
 * is silently ignored is noticed too late. Variables of other programs are left alone, and so are empty ones, which
 * count as unset.
 *
 * @returns one sentence for each such variable
 */
export function unknownVariables(environment: Environment = process.env): string[] {
  const known = Object.keys(defaultSettings()).map(variableName);
  return Object.entries(environment)
    .filter(([name, value]) => !known.includes(name) && (value ?? '').trim() !== '')
    .filter(([name, value]) => !isOfKubernetes(name, value ?? ''))
    .flatMap(([name]) => warningFor(name, known) ?? []);
}

function warningFor(name: string, known: readonly string[]): string | undefined {
  if (PROTECTIONS.test(name)) {
    return `${name} is set, but this version of the service has no such protection: it is not in force`;
  }
  const ignored = `Unknown variable ${name} is ignored`;
  const near = closest(name.toUpperCase(), known);
  if (isMisspelled(name.toUpperCase(), near)) return `${ignored}: did you mean ${near}?`;
  return ownWords(known).has(firstWord(name)) ? `${ignored}: no setting has this name` : undefined;
}

function isMisspelled(name: string, setting: string): boolean {
  return distance(name, setting) <= (setting.length <= SHORT_NAME ? 1 : 2);
}

/** The first words of our settings that are unlikely in variables of other programs. */
function ownWords(known: readonly string[]): Set<string> {
  return new Set(known.map(firstWord).filter((word) => !COMMON_WORDS.includes(word)));
}

function firstWord(name: string): string {
  return name.split('_', 1)[0] ?? '';
}

function isOfKubernetes(name: string, value: string): boolean {
  return KUBERNETES_NAME.test(name) || (name.endsWith('_PORT') && KUBERNETES_VALUE.test(value));
}
