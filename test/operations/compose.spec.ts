import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { variableName } from '../../src/config/load-settings';
import { defaultSettings } from '../../src/config/settings';
import { ROOT } from '../support/containers';

const COMPOSE_FILE = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');

/** Settings that the compose file or the image decides: a value from the environment would contradict it. */
const DECIDED = ['DATABASE_URL', 'DATA_DIR', 'HOST', 'PORT'];

/** Variables of the service's containers that a library reads rather than the service's configuration. */
const READ_BY_LIBRARIES = ['PGPASSWORD'];

const KNOWN = Object.keys(defaultSettings()).map(variableName);

/** The service's variables, as the compose file lists them once for `app` and overrides them for the nodes. */
function variablesOf(anchor: string): ReadonlyMap<string, string> {
  const [, block = ''] =
    new RegExp(`environment: &${anchor}\\n((?: {6}.*\\n)+)`).exec(COMPOSE_FILE) ?? [];
  const pairs = [...block.matchAll(/^ {6}([A-Z_]+): (.*)$/gm)];
  return new Map(pairs.map(([, name = '', value = '']) => [name, value]));
}

const without = (names: readonly string[], excluded: readonly string[]) =>
  names.filter((name) => !excluded.includes(name)).sort();

describe('docker-compose.yml', () => {
  const settings = variablesOf('settings');
  const passedOn = [...settings].filter(([name, value]) => value === `\${${name}:-}`);

  it('passes every setting on to the service, and nothing that the service does not read', () => {
    expect(passedOn.map(([name]) => name).sort()).toEqual(without(KNOWN, DECIDED));
  });

  it.each(['settings', 'node-settings'])('sets only known variables under %s', (anchor) => {
    const names = [...variablesOf(anchor).keys()];
    expect(names).not.toEqual([]);
    expect(without(names, [...KNOWN, ...READ_BY_LIBRARIES])).toEqual([]);
  });
});
