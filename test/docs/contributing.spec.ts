import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

const CONTRIBUTING = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

function matches(pattern: RegExp): string[] {
  return [...new Set([...CONTRIBUTING.matchAll(pattern)].map(([, match = '']) => match))];
}

describe('CONTRIBUTING.md', () => {
  it('names only files and folders that exist', () => {
    const paths = matches(/\b((?:src|test|docs)\/[\w./-]*\w|migrations\/[\w-]+\.ts)/g);
    expect(paths).not.toEqual([]);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('names only scripts that exist', () => {
    const names = matches(/\bnpm run ([\w:-]+)/g);
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !(name in scripts))).toEqual([]);
  });
});
