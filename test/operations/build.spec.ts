import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder';

const ROOT = join(__dirname, '../..');

const CONFIG = JSON.stringify({
  compilerOptions: {
    module: 'commonjs',
    target: 'ES2023',
    rootDir: '.',
    outDir: 'dist',
    types: [],
    skipLibCheck: true,
  },
  include: ['src'],
});

/** The build script of this project on a small project, whose sources a test may change. */
describe('scripts/build.mjs', () => {
  let project: string;

  beforeEach(async () => {
    project = await temporaryFolder();
    await mkdir(join(project, 'src'));
    await symlink(join(ROOT, 'node_modules'), join(project, 'node_modules'), 'junction');
    await cp(join(ROOT, 'package.json'), join(project, 'package.json'));
    await writeFile(join(project, 'tsconfig.build.json'), CONFIG);
    await write('main.ts', `import { word } from './word';\nconsole.log(word);\n`);
    await write('word.ts', `export const word = 'first';\n`);
  });

  afterEach(() => rm(project, { recursive: true, force: true }));

  const write = (name: string, text: string) => writeFile(join(project, 'src', name), text);

  async function build(): Promise<{ readonly code: number | null; readonly output: string }> {
    const child = spawn(process.execPath, [join(ROOT, 'scripts/build.mjs'), project]);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    }
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  }

  /** Each file's inode, which is another one after the file was replaced. */
  async function inodes(): Promise<Record<string, number>> {
    const names = (await readdir(join(project, 'dist', 'src'))).sort();
    const pairs = names.map(async (name) => {
      const { ino } = await stat(join(project, 'dist', 'src', name));
      return [name, ino] as const;
    });
    return Object.fromEntries(await Promise.all(pairs));
  }

  const compiled = (name: string) => readFile(join(project, 'dist', 'src', name), 'utf8');

  it('says that it builds, and does nothing when nothing has changed', async () => {
    const first = await build();
    expect(first).toEqual({
      code: 0,
      output: expect.stringMatching(/^Building[^]*Built in/) as string,
    });
    const built = await inodes();
    expect(await build()).toEqual({ code: 0, output: '' });
    expect(await inodes()).toEqual(built);
  });

  it('replaces a file as a whole, and only when its content differs', async () => {
    await build();
    const before = await inodes();
    await write('word.ts', `export const word = 'second';\n`);
    await build();
    const { 'main.js': main, 'word.js': word } = await inodes();
    expect(main).toBe(before['main.js']);
    expect(word).not.toBe(before['word.js']);
    expect(await compiled('word.js')).toContain('second');
  });

  it('removes the compiled files of a deleted source', async () => {
    await build();
    await write('main.ts', `console.log('alone');\n`);
    await rm(join(project, 'src', 'word.ts'));
    expect(await build()).toMatchObject({ code: 0 });
    expect(Object.keys(await inodes())).toEqual(['main.js']);
  });

  it('leaves the last build as it was when the sources have errors', async () => {
    await build();
    const before = await inodes();
    await write('word.ts', `export const word: number = 'third';\n`);
    const { code, output } = await build();
    expect(code).toBe(1);
    expect(output).toMatch(/src\/word\.ts\(1,14\): error TS2322/);
    expect(await inodes()).toEqual(before);
    expect(await build()).toMatchObject({ code: 1 });
  });

  it('restores a file that is missing', async () => {
    await build();
    await rm(join(project, 'dist', 'src', 'main.js'));
    expect(await build()).toMatchObject({ code: 0 });
    expect(await compiled('main.js')).toContain('word');
  });

  it('uses a finished build that came without its sources', async () => {
    await build();
    await rm(join(project, 'src'), { recursive: true });
    await rm(join(project, 'node_modules'));
    expect(await build()).toEqual({ code: 0, output: '' });
  });

  it('names what is missing in one line where there is no TypeScript', async () => {
    await rm(join(project, 'node_modules'));
    const { code, output } = await build();
    expect(code).toBe(1);
    expect(output).toMatch(/^Building.*\n.*TypeScript is not installed\. Run "npm ci".*\n$/);
  });
});
