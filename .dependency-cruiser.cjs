/**
 * The folders of `src/`, and what each may import beside its own files. The table is that of docs/architecture.md.
 * `config` and `common` are open to everyone but each other and the launcher; `http` gives controllers their pipes,
 * decorators and problem documents.
 */
const BASE = ['config', 'common'];
const FOR_CONTROLLERS = ['http', ...BASE];
const MAY_IMPORT = {
  config: [],
  common: [],
  'embedded-postgres': [],
  http: BASE,
  database: BASE,
  catalog: ['database', ...BASE],
  metrics: ['database', ...FOR_CONTROLLERS],
  history: ['database', ...FOR_CONTROLLERS],
  orders: ['catalog', 'database', ...FOR_CONTROLLERS],
  processing: ['orders', 'metrics', 'database', ...FOR_CONTROLLERS],
  health: ['processing', 'orders', 'database', ...FOR_CONTROLLERS],
};

// Puts the others together, and is imported by main.ts only.
MAY_IMPORT.bootstrap = [...Object.keys(MAY_IMPORT), 'app\\.module\\.ts'];

const MODULES = Object.keys(MAY_IMPORT);

/** A spec sits beside its subject and may reach for the tests' helpers. */
const SPECS = '\\.spec\\.ts$';

const moduleRules = Object.entries(MAY_IMPORT).map(([module, others]) => ({
  name: `${module}-imports-only-what-it-may`,
  comment: `src/${module} may import: ${others.join(', ') || 'nothing else of src'}.`,
  severity: 'error',
  from: { path: `^src/${module}/` },
  to: { path: '^src/', pathNot: `^src/(${[module, ...others].join('|')})(/|$)` },
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
      name: 'only-the-public-part-of-orders',
      comment:
        'Others see the service, the signals and the status table of src/orders, not its repository or entity.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: '^src/(orders|bootstrap)/' },
      to: {
        path: '^src/orders/',
        pathNot:
          '^src/orders/(orders\\.module|orders\\.service|order-signals\\.service|order-status)\\.ts$',
      },
    },
    {
      name: 'sql-beside-its-repository',
      comment:
        'Statements are used by the repository of their own folder. The quote is part of the statement that accepts.',
      severity: 'error',
      from: { path: '^src/(.+)/[^/]+\\.ts$' },
      to: { path: '\\.sql\\.ts$', pathNot: ['^src/$1/[^/]+$', '^src/catalog/quote\\.sql\\.ts$'] },
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
