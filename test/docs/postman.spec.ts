import { readFile } from 'node:fs/promises';
import newman, { type NewmanRunSummary } from 'newman';
import { Scene, call } from '../support/service';
import { FILE, toCollection } from '../../docs/make-postman-collection';

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

function runCollection(baseUrl: string): Promise<NewmanRunSummary> {
  return new Promise((resolve, reject) => {
    newman.run(
      { collection: FILE, envVar: [{ key: 'baseUrl', value: baseUrl }] },
      (error, summary) => {
        if (error) reject(error);
        else resolve(summary);
      },
    );
  });
}
