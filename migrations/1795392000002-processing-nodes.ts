import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One heartbeat row a running node: whose row is old or gone has died, and its claims are rescued. */
export class ProcessingNodes1795392000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE processing_nodes (
        id uuid CONSTRAINT processing_nodes_pkey PRIMARY KEY,
        name text NOT NULL,
        started_at timestamptz NOT NULL DEFAULT now(),
        heartbeat_at timestamptz NOT NULL DEFAULT now()
      ) WITH (fillfactor = 50)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE processing_nodes`);
  }
}
