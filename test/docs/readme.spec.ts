import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { variableName } from '../../src/config/load-settings';
import { defaultSettings } from '../../src/config/settings';

const README = readFileSync(join(__dirname, '../../README.md'), 'utf8');

/** The rows of the settings table: names and defaults, split where a row holds several. */
const DOCUMENTED = new Map(
  [...README.matchAll(/^\| +(`[A-Z_`, ]+`) +\| ([^|]*) \|/gm)].flatMap(
    ([, names = '', values = '']) => {
      const variables = [...names.matchAll(/`([A-Z_]+)`/g)].map(([, name = '']) => name);
      const defaults = variables.length === 1 ? [values] : values.split(',');
      return variables.map((name, position) => [name, (defaults[position] ?? '').trim()] as const);
    },
  ),
);

describe("the README's settings", () => {
  it.each(Object.entries(defaultSettings()))('has %s with its default', (property, value) => {
    const documented = DOCUMENTED.get(variableName(property));
    expect(documented).toBeDefined();
    if (value !== undefined) expect(documented).toBe(String(value));
  });

  it('has no setting that does not exist', () => {
    const names = Object.keys(defaultSettings()).map(variableName);
    expect([...DOCUMENTED.keys()].filter((name) => !names.includes(name))).toEqual([]);
  });
});
