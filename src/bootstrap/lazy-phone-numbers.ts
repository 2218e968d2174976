/*
 * Imported before anything else, for its effect. class-validator loads libphonenumber-js for its decorator
 * @IsPhoneNumber, which costs 9 MB of memory and 40 ms at every start, though the service has no phone numbers.
 *
 * A placeholder in Node's module cache takes the library's place and loads it when a phone number is first validated.
 * So the decorator works, class-validator and its dependencies are installed as published, and the way in which Node
 * loads modules is not changed.
 */
import Module, { createRequire } from 'node:module';

/** Resolves the library as class-validator does, wherever npm has installed it. */
const requireLibrary = createRequire(require.resolve('class-validator'));

const file = requireLibrary.resolve('libphonenumber-js/max');

const placeholder = new Module(file);
placeholder.loaded = true;
placeholder.exports = new Proxy({}, { get: (_, name) => Reflect.get(load(), name) as unknown });

// If it is loaded already, there is nothing to gain.
require.cache[file] ??= placeholder;

function load(): object {
  if (require.cache[file] === placeholder) Reflect.deleteProperty(require.cache, file);
  return requireLibrary(file) as object;
}
