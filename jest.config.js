const { availableParallelism } = require('node:os');

/** Of jest's workers. One leaves a core idle while a test waits; many more than half of the cores starve each other. */
const WORKERS = Math.max(2, Math.floor(availableParallelism() / 2));

/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  testEnvironment: '<rootDir>/test/support/environment.ts',
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', require('./swc.config.js')] },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/test/support/hook-time-limit.ts'],
  reporters: ['default', 'summary', '<rootDir>/test/support/run-reporter.js'],
  maxWorkers: WORKERS,
  // A failed test must not leave its mocks to the next one.
  restoreMocks: true,
  // Only bounds how long a failure takes; no test asserts a duration. Several times longer than `until` waits, so
  // that a state that is never reached is reported by its name.
  testTimeout: 180_000,
};
