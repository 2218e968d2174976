import 'reflect-metadata';
import { resolve } from 'node:path';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { contradictions } from './contradictions';
import { CALLER_DIR, PROJECT_DIR } from './folders';
import { AREAS, defaultSettings, type Settings } from './settings';

/** The environment, or a part of it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown for invalid settings. The message is one line that names each variable and never repeats its value. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(readonly problems: readonly string[]) {
    super(`Invalid configuration: ${problems.join('; ')}`);
  }
}

/**
 * Reads, validates and freezes the settings. An empty variable counts as unset, because compose files pass on
 * variables that are not set as empty ones.
 *
 * @throws SettingsError that names every invalid variable
 */
export function loadSettings(environment: Environment = process.env): Settings {
  const given = givenSettings(environment);
  const areas = AREAS.map((Area) => areaOf(Area, given));
  const invalid = areas.flatMap(invalidProperties);
  const settings = Object.assign({}, ...areas) as Settings;
  // Only values that are valid by themselves can be compared with each other.
  const problems = invalid.length > 0 ? invalid : contradictions(settings);
  if (problems.length > 0) throw new SettingsError(problems);
  const base = given['dataDir'] === undefined ? PROJECT_DIR : CALLER_DIR;
  return Object.freeze({ ...settings, dataDir: resolve(base, settings.dataDir) });
}

/** `queueCapacity` becomes `QUEUE_CAPACITY`. */
export function variableName(property: string): string {
  return property.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase();
}

/** The text of each setting that the environment holds, by the setting's property. */
function givenSettings(environment: Environment): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.keys(defaultSettings())
      .map((property) => [property, environment[variableName(property)]?.trim()] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  );
}

/** The area's part of what was given, and the defaults of the rest. */
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
