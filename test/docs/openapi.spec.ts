import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ENTRY, ensureBuilt } from '../support/build';
import { createDatabase, type TestDatabase } from '../support/database';
import { freePort } from '../support/free-port';
import { until } from '../support/until';
import { PROBLEM_CODES, PROBLEMS } from '../../src/http/problems/problem-catalog';
import type { Problem } from '../../src/http/problems/problem';

interface Response {
  readonly content?: Readonly<
    Record<string, { readonly examples?: Readonly<Record<string, { readonly value: Problem }>> }>
  >;
}

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, Response>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly enum?: string[] }>> };
}

const ROOT = join(__dirname, '../..');
const SPECTRAL = join(ROOT, 'node_modules/@stoplight/spectral-cli/dist/index.js');

// The built service: the plugin that describes the DTOs runs in tsc, and not in what compiles the tests.
describe('the OpenAPI document of the built service', () => {
  let database: TestDatabase | undefined;
  let service: ChildProcess | undefined;
  let url: string;
  let folder: string | undefined;

  beforeAll(async () => {
    await ensureBuilt();
    database = await createDatabase();
    folder = await mkdtemp(join(tmpdir(), 'order-service-openapi-'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const child = spawn(process.env['TEST_NODE'] ?? process.execPath, [ENTRY], {
      env: { PORT: String(port), DATABASE_URL: database.url, LOG_LEVEL: 'error' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    service = child;
    await until('the service answers', () => {
      if (child.exitCode !== null) throw new Error('The built service did not start');
      return fetch(`${url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
  });

  afterAll(async () => {
    if (service?.exitCode === null) {
      const exited = once(service, 'exit');
      service.kill();
      await exited;
    }
    await database?.drop();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  it('passes the linter without an error or a warning', async () => {
    const file = join(folder ?? '', 'openapi.json');
    const document: unknown = await (await fetch(`${url}/docs-json`)).json();
    await writeFile(file, JSON.stringify(document, null, 2));
    const args = ['lint', file, '--ruleset', '.spectral.yaml', '--fail-severity', 'warn'];
    const lint = promisify(execFile)(process.execPath, [SPECTRAL, ...args], { cwd: ROOT });
    const { stdout } = await lint.catch((error: unknown) => error as { stdout: string });
    expect(stdout).toContain('No results with a severity of');
  });

  it('has the codes of the problem catalog, and examples that belong to their status and code', async () => {
    const document = (await (await fetch(`${url}/docs-json`)).json()) as Document;
    expect(document.components.schemas['ProblemCode']?.enum).toEqual(PROBLEM_CODES);
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations.length).toBeGreaterThanOrEqual(10);
    const seen = new Set<string>();
    for (const { operationId, responses } of operations) {
      for (const [status, { content }] of Object.entries(responses)) {
        if (Number(status) < 400) continue;
        const examples = content?.['application/problem+json']?.examples ?? {};
        expect({ operationId, status, examples: Object.keys(examples) }).not.toMatchObject({
          examples: [],
        });
        for (const [code, { value }] of Object.entries(examples)) {
          expect({ operationId, code: value.code }).toEqual({ operationId, code });
          expect({ operationId, status: value.status }).toEqual({
            operationId,
            status: Number(status),
          });
          expect(value.status).toBe(PROBLEMS[value.code].status);
          seen.add(code);
        }
      }
    }
    expect(seen.size).toBeGreaterThanOrEqual(20);
  });

  it('is shown by a page that takes everything from this service', async () => {
    const page = await fetch(`${url}/docs`);
    expect(page.status).toBe(200);
    const html = await page.text();
    const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, asset]) => asset ?? '');
    expect(assets).not.toHaveLength(0);
    for (const asset of assets) {
      const address = new URL(asset, page.url);
      expect(address.origin).toBe(url);
      expect({ asset, status: (await fetch(address)).status }).toEqual({ asset, status: 200 });
    }
  });
});
