import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestEnd } from '../support/running-test';
import { Scene, call } from '../support/service';
import { temporaryFolder } from '../support/temporary-folder';
import { FILE, toCollection } from '../../docs/make-postman-collection';

const NEWMAN = require.resolve('newman/bin/newman.js');

describe('the Postman collection', () => {
  const scene = new Scene();

  it('is the one that the OpenAPI document makes', async () => {
    const node = await scene.start();
    const { body } = await call(`${node.url}/docs-json`);
    const committed: unknown = JSON.parse(await readFile(FILE, 'utf8'));
    // Out of date: npm run docs:postman, with the service running.
    expect(committed).toEqual(await toCollection(body));
  });

  it('runs against the service without a failure', async () => {
    const node = await scene.start();
    const { run } = await runCollection(node.url);
    expect(run.stats.requests.total).toBeGreaterThanOrEqual(9);
    expect(run.failures).toEqual([]);
  });
});

/** What newman reports of a run, as far as it is read here. */
interface Report {
  readonly run: {
    readonly stats: { readonly requests: { readonly total: number } };
    readonly failures: readonly unknown[];
  };
}

/** In a process of its own: newman uses what Node has deprecated, and a warning would fail the run. */
async function runCollection(baseUrl: string): Promise<Report> {
  const folder = await temporaryFolder();
  onTestEnd(() => rm(folder, { recursive: true }));
  const file = join(folder, 'report.json');
  const report = ['--reporters', 'json', '--reporter-json-export', file, '--suppress-exit-code'];
  const args = ['--no-deprecation', NEWMAN, 'run', FILE, '--env-var', `baseUrl=${baseUrl}`];
  const running = promisify(execFile)(process.execPath, [...args, ...report]);
  onTestEnd(() => running.child.kill());
  await running;
  return JSON.parse(await readFile(file, 'utf8')) as Report;
}
