// Preloaded with `node -r`: at the end of the process it writes the paths of the loaded modules to LOADED_FILE.
const { writeFileSync } = require('node:fs');

process.on('exit', () => {
  // A placeholder stands in the cache for a module that has not been loaded: its filename is not set.
  const loaded = Object.values(require.cache).filter(({ filename }) => filename !== null);
  writeFileSync(process.env.LOADED_FILE, JSON.stringify(loaded.map(({ filename }) => filename)));
});
