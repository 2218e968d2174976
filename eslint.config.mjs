import tseslint from 'typescript-eslint';

/** SQL that changes the orders table. */
const WRITES_ORDERS =
  '/(insert\\s+into|update|delete\\s+from|merge\\s+into|truncate(\\s+table)?|copy)\\s+(only\\s+)?(public\\.)?"?orders\\b/i';

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/', 'bench/node_modules/', '.data/'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // DTO and entity classes describe a shape to OpenAPI and to TypeORM; plain objects fill it.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Nest modules are classes whose whole content is their decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: [
      'src/**/*.spec.ts',
      'src/orders/orders.sql.ts',
      'src/processing/claims/claims.sql.ts',
    ],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...['Literal[value=WRITES]', 'TemplateElement[value.raw=WRITES]'].map((selector) => ({
          selector: selector.replace('WRITES', WRITES_ORDERS),
          message:
            'Only the statements of OrdersRepository and ClaimsRepository write the orders table: their guards keep the state machine.',
        })),
      ],
    },
  },
);
