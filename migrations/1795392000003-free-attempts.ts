import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The attempts that do not count against MAX_ATTEMPTS are called free attempts everywhere. */
export class FreeAttempts1795392000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE orders RENAME COLUMN uncounted TO free_attempts`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE orders RENAME COLUMN free_attempts TO uncounted`);
  }
}
