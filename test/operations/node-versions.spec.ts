import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMAGES, ROOT } from '../support/containers';

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** The major version that developers and the image use. */
const MAJOR = read('.nvmrc').trim();

/** The lowest version that the service supports, e.g. `20.19`. */
const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
const LOWEST = engines.node.replace('>=', '');

describe('the Node version', () => {
  it('of .nvmrc is the one of the image', () => {
    const images = IMAGES.filter((image) => image.startsWith('node:'));
    expect(images).toEqual([`node:${MAJOR}-bookworm-slim`]);
  });

  it('of CI ranges from the lowest that package.json allows to the one of .nvmrc', () => {
    const [, list = ''] = /^service_node_versions=\((.*)\)$/m.exec(read('.ci/run')) ?? [];
    const versions = list.split(' ');
    expect(versions[0]).toBe(`${LOWEST}.0`);
    expect(versions.at(-1)).toMatch(new RegExp(`^${MAJOR}\\.`));
  });
});
