import { variableName } from './load-settings';
import { defaultSettings } from './settings';
import { unknownVariables } from './unknown-variables';

describe('unknownVariables', () => {
  it.each([
    ['WORKER_COUT', 'WORKER_COUNT'],
    ['WORKERS_COUNT', 'WORKER_COUNT'],
    ['worker_count', 'WORKER_COUNT'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['FULFILLMENT_URL', 'FULFILMENT_URL'],
    ['FULFILLMENT', 'FULFILMENT'],
    ['PROCESSING_MIN_M', 'PROCESSING_MIN_MS'],
    ['MAX_ATEMPTS', 'MAX_ATTEMPTS'],
    ['LOG_LEVLE', 'LOG_LEVEL'],
    ['DATADIR', 'DATA_DIR'],
    ['PORTS', 'PORT'],
    ['ROLES', 'ROLE'],
  ])('names the setting that %s was meant to be', (name, setting) => {
    expect(unknownVariables({ [name]: '1' })).toEqual([
      `Unknown variable ${name} is ignored: did you mean ${setting}?`,
    ]);
  });

  it.each([
    'DATABASE_PASSWORD',
    'QUEUE_SIZE_LIMIT',
    'WORKER_THREADS',
    'RETRY_JITTER',
    'REDIS_HOST',
  ])('warns of %s, which begins as settings do', (name) => {
    expect(unknownVariables({ [name]: '1' })).toEqual([
      `Unknown variable ${name} is ignored: no setting has this name`,
    ]);
  });

  it.each(['API_KEYS', 'API_KEY', 'AUTH', 'RATE_LIMIT_PER_MINUTE', 'ALLOWED_ORIGINS'])(
    'warns that %s protects nothing',
    (name) => {
      expect(unknownVariables({ [name]: '1' })).toEqual([
        expect.stringMatching(new RegExp(`^${name} is set, but .*not in force$`)),
      ]);
    },
  );

  it.each(Object.entries(variablesOfOthers()))('leaves %s=%s alone', (name, value) => {
    expect(unknownVariables({ [name]: value })).toEqual([]);
  });

  it('leaves the settings and what is empty alone', () => {
    const names = Object.keys(defaultSettings()).map(variableName);
    expect(unknownVariables(Object.fromEntries(names.map((name) => [name, '1'])))).toEqual([]);
    expect(unknownVariables({ WORKER_COUT: '', API_KEYS: ' ', AUTH: undefined })).toEqual([]);
  });
});

/** What shells, npm, Node, Docker, Kubernetes and continuous integration set. */
function variablesOfOthers(): Record<string, string> {
  return {
    ...{ PATH: '/bin', HOME: '/root', HOSTNAME: 'a', HOSTTYPE: 'x86_64', USER: 'me', PWD: '/' },
    ...{ LANG: 'C', LC_ALL: 'C', TZ: 'UTC', TERM: 'xterm', SHELL: '/bin/sh', SHLVL: '1', _: '/x' },
    ...{ LOGNAME: 'me', MAIL: '/var/mail', EDITOR: 'vi', OLDPWD: '/', TMPDIR: '/tmp', CI: 'true' },
    ...{ NODE_ENV: 'test', NODE_OPTIONS: '--x', NODE_VERSION: '24', NO_COLOR: '1', DEBUG: '*' },
    ...{
      npm_lifecycle_event: 'start',
      npm_package_name: 'a',
      npm_config_cache: '/c',
      INIT_CWD: '/',
    },
    ...{
      HTTP_PROXY: 'http://p',
      PGPASSWORD: 'x',
      PGHOST: 'h',
      PGPORT: '5',
      POSTGRES_PASSWORD: 'x',
    },
    ...{ KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_PORT: 'tcp://10.0.0.1:443' },
    ...{ REDIS_SERVICE_HOST: '10.0.0.2', REDIS_SERVICE_PORT: '6379', REDIS_SERVICE_PORT_TLS: '1' },
    ...{ REDIS_PORT: 'tcp://10.0.0.2:6379', REDIS_PORT_6379_TCP: 'tcp://10.0.0.2:6379' },
    ...{ REDIS_PORT_6379_TCP_ADDR: '10.0.0.2', DATABASE_PORT_5432_TCP_PROTO: 'tcp' },
    ...{ ORDER_SERVICE_SERVICE_HOST: '10.0.0.3', QUEUE_PORT: 'tcp://10.0.0.4:1' },
    ...{
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://o',
      DATA_CENTER: 'eu',
      LOG_DIR: '/l',
      MAX_MEMORY: '1',
    },
    ...{ TEST_POSTGRES_URL: 'x', JEST_WORKER_ID: '1', GITHUB_ACTIONS: 'true', INVOCATION_ID: 'x' },
  };
}
