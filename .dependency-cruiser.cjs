/**
 * The modules of the service, one folder each in `src/`, and what each may import beside its own folder. Everyone
 * but `config` and `common` may also import those two. The table is that of docs/architecture.md.
 */
const SHARED = ['config', 'common'];
const MAY_IMPORT = {
  config: [],
  common: [],
  database: SHARED,
  http: [],
  catalog: ['database', ...SHARED],
  orders: ['catalog', 'database', ...SHARED],
  processing: ['orders', 'metrics', 'database', ...SHARED],
  metrics: ['database', ...SHARED],
  history: ['database', ...SHARED],
  webhooks: ['history', 'database', ...SHARED],
};

/** These show or guard the others, and no other imports them. */
const shown = Object.keys(MAY_IMPORT);
for (const onlooker of ['health', 'security', 'dashboard']) MAY_IMPORT[onlooker] = shown;

const MODULES = Object.keys(MAY_IMPORT);

/** A spec sits beside its subject and may reach for the tests' helpers. */
const SPECS = '\\.spec\\.ts$';

const moduleRules = Object.entries(MAY_IMPORT).map(([module, others]) => ({
  name: `${module}-imports-only-what-it-may`,
  comment: `src/${module} may import: ${others.join(', ') || 'nothing else of src'}.`,
  severity: 'error',
  from: { path: `^src/${module}/` },
  to: { path: '^src/', pathNot: `^src/(${[module, ...others].join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...moduleRules,
    {
      name: 'every-module-is-in-the-table',
      comment: 'A new folder in src needs a line that says what it may import.',
      severity: 'error',
      from: {},
      to: { path: '^src/[^/]+/', pathNot: `^src/(${MODULES.join('|')})/` },
    },
    {
      name: 'orders-table-belongs-to-orders',
      comment:
        'Only src/orders writes the orders table, so only it sees its entity and repositories.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/orders/' },
      to: { path: '^src/orders/.*\\.(entity|repository)\\.ts$' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-barrels',
      comment: 'Import the file that declares it: a barrel hides who depends on whom.',
      severity: 'error',
      from: { path: ['^src/index\\.ts$', '^src/.*/index\\.ts$'] },
      to: {},
    },
    {
      name: 'service-imports-no-tests',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: SPECS },
      to: { path: `^(test|bench)/|${SPECS}` },
    },
    {
      name: 'migrations-are-frozen',
      comment: 'A migration that uses code of the service changes with that code.',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { path: '^src/' },
    },
    {
      name: 'only-production-packages',
      comment: 'Development packages are not in the image.',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: SPECS },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Type-only imports count: they bind a module to another just the same.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types'],
    },
  },
};
