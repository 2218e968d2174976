import { join, resolve } from 'node:path';
import { CALLER_DIR, callerDir, PROJECT_DIR } from './folders';
import { loadSettings, SettingsError, variableName } from './load-settings';
import { defaultSettings } from './settings';

/** The settings that the documentation promises, with their defaults. */
const DEFAULTS = {
  PORT: 8000,
  HOST: '127.0.0.1',
  DATABASE_URL: undefined,
  DATA_DIR: join(__dirname, '../..', '.data'),
  DATABASE_POOL_SIZE: 10,
  MIGRATE_ON_START: true,
  SEED_ON_START: undefined,
  QUEUE_CAPACITY: 10_000,
  WORKER_COUNT: 3,
  FULFILMENT: 'simulated',
  FULFILMENT_URL: undefined,
  FULFILMENT_SECRET: undefined,
  PROCESSING_MIN_MS: 2_000,
  PROCESSING_MAX_MS: 7_000,
  SIMULATED_FAILURE_RATE: 0,
  MAX_ATTEMPTS: 5,
  RETRY_BASE_MS: 2_000,
  RETRY_MAX_MS: 300_000,
  HEARTBEAT_INTERVAL_MS: 5_000,
  LEASE_MS: 30_000,
  STALE_AFTER_MS: 600_000,
  RECOVERY_INTERVAL_MS: 10_000,
  SHUTDOWN_DRAIN_MS: 20_000,
  CATALOG_CHECK: true,
  LOG_LEVEL: 'info',
} as const;

/** Values that must be rejected. */
const WRONG: Readonly<Record<string, readonly string[]>> = {
  PORT: ['-1', '65536', '8000.5', '1e3', '0x50', 'http', 'NaN'],
  HOST: ['two words'],
  DATABASE_URL: [
    'mysql://u:hunter2@h/db',
    'localhost',
    'postgres://',
    'postgres://u:hunter2 @h/db',
  ],
  DATABASE_POOL_SIZE: ['2', '1001', 'ten'],
  MIGRATE_ON_START: ['yes', '1', 'TRUE'],
  SEED_ON_START: ['no', '0'],
  QUEUE_CAPACITY: ['0', '1000001', '-5', '10k'],
  WORKER_COUNT: ['0', '10001', '2.5', 'many'],
  FULFILMENT: ['email', 'HTTP'],
  FULFILMENT_URL: ['ftp://example.com', 'example.com'],
  FULFILMENT_SECRET: ['hunter2hunter2hunter2hunter2', 'whsec_hunter2', 'whsec_!!!'],
  FULFILMENT_TIMEOUT_MS: ['99', '86400001'],
  PROCESSING_MIN_MS: ['-1', '2s', '0.5'],
  PROCESSING_MAX_MS: ['-1', '86400001'],
  SIMULATED_FAILURE_RATE: ['-0.1', '1.1', '50%', '.5', 'NaN', 'Infinity'],
  MAX_ATTEMPTS: ['0', '101', 'five'],
  RETRY_BASE_MS: ['-1', '86400001'],
  RETRY_MAX_MS: ['-1', '86400001'],
  HEARTBEAT_INTERVAL_MS: ['0', '99'],
  LEASE_MS: ['0', '299'],
  STALE_AFTER_MS: ['999', '604800001'],
  RECOVERY_INTERVAL_MS: ['0', '99'],
  SHUTDOWN_DRAIN_MS: ['-1', '3600001'],
  CATALOG_CHECK: ['maybe', 'False'],
  BODY_LIMIT_BYTES: ['1023', '10485761', '64kb'],
  LOG_LEVEL: ['verbose', 'INFO'],
};

type Environment = Readonly<Record<string, string | undefined>>;

const SECRET = 'hunter2-s3cret';

function errorOf(environment: Environment): SettingsError | undefined {
  try {
    loadSettings(environment);
    return undefined;
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
}

function problemsOf(environment: Environment): readonly string[] {
  return errorOf(environment)?.problems ?? [];
}

describe('loadSettings', () => {
  it.each(Object.entries(DEFAULTS))('%s is %p by default', (variable, value) => {
    const settings = Object.entries(loadSettings({}));
    const [, found] = settings.find(([property]) => variableName(property) === variable) ?? [];
    expect(settings.map(([property]) => variableName(property))).toContain(variable);
    expect(found).toBe(value);
  });

  it('reads each kind of setting from its variable', () => {
    expect(
      loadSettings({
        PORT: '0',
        HOST: '0.0.0.0',
        DATABASE_URL: 'postgres://user:p%40ss@db.example:5432/orders?sslmode=require',
        SEED_ON_START: 'false',
        SIMULATED_FAILURE_RATE: '0.25',
        QUEUE_CAPACITY: '  50 ',
        CATALOG_CHECK: 'false',
        LOG_LEVEL: 'warn',
      }),
    ).toMatchObject({
      port: 0,
      host: '0.0.0.0',
      databaseUrl: 'postgres://user:p%40ss@db.example:5432/orders?sslmode=require',
      seedOnStart: false,
      simulatedFailureRate: 0.25,
      queueCapacity: 50,
      catalogCheck: false,
      logLevel: 'warn',
    });
  });

  it('counts an empty variable as unset, and ignores those of other programs', () => {
    const empty = Object.fromEntries(
      Object.keys(defaultSettings()).map((property) => [variableName(property), ' ']),
    );
    expect(loadSettings({ ...empty, PATH: '/usr/bin', port: '1', CONSTRUCTOR: 'x' })).toEqual(
      loadSettings({}),
    );
  });

  it.each(Object.entries(WRONG).flatMap(([name, values]) => values.map((value) => [name, value])))(
    'rejects %s=%s with a message that names the variable and does not repeat the value',
    (variable = '', value = '') => {
      const problems = problemsOf({ [variable]: value });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(new RegExp(`^${variable} must (be|consist of) `));
      // A message that is the same for every wrong value can repeat none.
      expect(problems).toEqual(problemsOf({ [variable]: '? ?' }));
    },
  );

  it.each<Environment>([
    { DATABASE_URL: `mysql://user:${SECRET}@db/orders` },
    { FULFILMENT: 'http', FULFILMENT_URL: `https://user:${SECRET}@example.com` },
    { FULFILMENT_SECRET: SECRET },
  ])('keeps the secrets of %p out of the message, the stack and the JSON of the error', (given) => {
    const error = errorOf(given);
    const shown = [String(error), error?.stack, JSON.stringify(error)].join();
    expect(shown).toContain(Object.keys(given).at(-1));
    expect(shown).not.toContain(SECRET);
  });

  it('names every invalid variable, each once, in one line', () => {
    const problems = problemsOf({ PORT: 'x', WORKER_COUNT: '0', LOG_LEVEL: 'loud' });
    expect(problems.map((problem) => problem.split(' ', 1)[0]).sort()).toEqual([
      'LOG_LEVEL',
      'PORT',
      'WORKER_COUNT',
    ]);
    expect(errorOf({ PORT: 'x', LOG_LEVEL: 'loud' })?.message).toBe(
      'Invalid configuration: LOG_LEVEL must be one of error, warn, info, debug; PORT must be an integer from 0 to 65535',
    );
  });

  it('resolves a relative DATA_DIR against the folder of the caller, and keeps an absolute one', () => {
    expect(loadSettings({ DATA_DIR: 'data' }).dataDir).toBe(join(CALLER_DIR, 'data'));
    const absolute = resolve('/somewhere/data');
    expect(loadSettings({ DATA_DIR: absolute }).dataDir).toBe(absolute);
  });

  it("takes the caller's folder from npm only where npm runs a script of this project", () => {
    const INIT_CWD = resolve('/caller');
    const npm_package_json = join(PROJECT_DIR, 'package.json');
    const other = resolve('/other');
    expect(callerDir({ INIT_CWD, npm_package_json }, PROJECT_DIR)).toBe(INIT_CWD);
    expect(callerDir({ INIT_CWD, npm_package_json }, other)).toBe(other);
    expect(
      callerDir({ INIT_CWD, npm_package_json: join(other, 'package.json') }, PROJECT_DIR),
    ).toBe(PROJECT_DIR);
    expect(callerDir({}, other)).toBe(other);
  });

  it.each([
    ['PROCESSING_MIN_MS', { PROCESSING_MIN_MS: '8000' }],
    ['RETRY_BASE_MS', { RETRY_MAX_MS: '1000' }],
    ['LEASE_MS', { LEASE_MS: '14999' }],
    ['LEASE_MS', { HEARTBEAT_INTERVAL_MS: '10001' }],
    ['FULFILMENT=http', { FULFILMENT: 'http' }],
    [
      'FULFILMENT_TIMEOUT_MS',
      { FULFILMENT: 'http', FULFILMENT_URL: 'http://localhost:9000', STALE_AFTER_MS: '10000' },
    ],
  ])('rejects %s beside settings that contradict it: %p', (name, environment) => {
    const problems = problemsOf(environment);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
  });

  it.each<Environment>([
    { PROCESSING_MIN_MS: '7000' },
    { PROCESSING_MIN_MS: '0', PROCESSING_MAX_MS: '0' },
    { LEASE_MS: '15000' },
    { RETRY_BASE_MS: '0', RETRY_MAX_MS: '0' },
    { FULFILMENT: 'http', FULFILMENT_URL: 'http://localhost:9000/fulfil' },
  ])('accepts the limit: %p', (environment) => {
    expect(problemsOf(environment)).toEqual([]);
  });

  it('cannot be changed afterwards', () => {
    const settings = loadSettings({});
    expect(Object.isFrozen(settings)).toBe(true);
    expect(() => Object.assign(settings, { port: 1 })).toThrow(TypeError);
  });

  it('reads the environment of the process when nothing else is given', () => {
    expect(Object.keys(loadSettings())).toEqual(Object.keys(defaultSettings()));
  });
});
