// `node -r ./test/support/register-swc.js x.ts` runs TypeScript the way jest does, so that a test can start the
// service as a process of its own, and kill it.
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { transformSync } = require('@swc/core');
const options = require('../../swc.config.js');

Module._extensions['.ts'] = (module, filename) => {
  const source = readFileSync(filename, 'utf8');
  const { code } = transformSync(source, { ...options, swcrc: false, filename });
  module._compile(code, filename);
};
