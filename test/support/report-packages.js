// `node -r ./test/support/report-packages.js main.js`: on SIGUSR2 the process prints the names of the packages in its
// module cache, as one line of JSON behind the word PACKAGES.
const Module = require('node:module');

const PACKAGE = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/;

process.on('SIGUSR2', () => {
  const names = Object.keys(Module._cache).map((file) => PACKAGE.exec(file)?.[1]);
  const packages = [...new Set(names)].filter((name) => name !== undefined).toSorted();
  process.stdout.write(`PACKAGES ${JSON.stringify(packages)}\n`);
});
