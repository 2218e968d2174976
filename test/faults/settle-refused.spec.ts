import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { asAdministrator, migrate, urlOf } from '../support/database';
import { sql } from '../support/process-scene';
import { onTestEnd } from '../support/running-test';
import { createOrder, Scene, TestNode } from '../support/service';
import { until } from '../support/until';

const SETTLED_WITHOUT = /Order \d+: its error text cannot be stored/;

describe('an error text that the database refuses', () => {
  const scene = new Scene();

  /** The warnings that are logged from here on. */
  function warnings(): () => string[] {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    onTestEnd(() => {
      warn.mockRestore();
    });
    return () => warn.mock.calls.map(([line]) => String(line));
  }

  it('does not keep an order PROCESSING: its encoding lacks a character', async () => {
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    await asAdministrator(
      `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc`,
    );
    const url = urlOf(name);
    onTestEnd(() => asAdministrator(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    await migrate(url);
    await sql(url, await readFile(join(__dirname, '../../seed/init.sql'), 'utf8'));
    const lines = warnings();
    const node = await TestNode.start(url, { settings: { maxAttempts: 2, workerCount: 2 } });
    onTestEnd(() => node.close());
    node.fulfilment.behaviour = ({ attempt }) =>
      Promise.reject(new Error(attempt === 1 ? 'costs 5 €' : 'plain'));
    const [first, second] = await Promise.all([createOrder(node), createOrder(node)]);
    await until('both have failed', async () => {
      const failed = `SELECT FROM orders WHERE id = ANY($1) AND status = 'FAILED' AND last_error = 'plain'`;
      return (await sql(url, failed, [[first, second]])).length === 2;
    });
    const details = await sql<{ detail: string }>(
      url,
      `SELECT detail FROM order_events WHERE order_id = $1 AND from_status = 'PROCESSING' ORDER BY id`,
      [first],
    );
    expect(details.map(({ detail }) => detail)).toEqual([
      expect.stringContaining('could not be stored'),
      'plain',
    ]);
    expect(lines().filter((line) => SETTLED_WITHOUT.test(line))).toHaveLength(2);
  });

  it('does not keep an order PROCESSING: a constraint of the shop forbids it', async () => {
    await scene.sql(`ALTER TABLE orders ADD CHECK (last_error NOT LIKE '%secret%')`);
    const lines = warnings();
    const node = await scene.start({ settings: { maxAttempts: 1, workerCount: 2 } });
    node.fulfilment.behaviour = () => Promise.reject(new Error('the secret text'));
    const id = await createOrder(node);
    await scene.reaches(id, 'FAILED');
    node.fulfilment.behaviour = () => Promise.resolve();
    await scene.reaches(await createOrder(node), 'COMPLETED');
    expect(lines().filter((line) => SETTLED_WITHOUT.test(line))).toHaveLength(1);
  });
});
