import { RecoveryService } from '../../src/processing/recovery.service';
import { Scene, type StartOptions, type TestNode } from './service';

export const HOUR_MS = 3_600_000;

/** A node without a heartbeat for long, unless a test says otherwise. */
export const DEAD_NODE = '00000000-0000-4000-8000-000000000001';

/** A scene with what a crash leaves behind. */
export class RecoveryScene extends Scene {
  /** A node that sweeps when the test says so, and only then. */
  async startQuiet(options: StartOptions = {}): Promise<TestNode> {
    const settings = { recoveryIntervalMs: HOUR_MS, ...options.settings };
    const node = await this.start({ ...options, settings });
    await node.get(RecoveryService).onModuleDestroy();
    return node;
  }

  /** An order that the dead node works on: `age` after the claim. */
  async insertClaimed(age: string, columns: Record<string, string> = {}): Promise<number> {
    const [id = 0] = await this.insertOrders(1, {
      status: `'PROCESSING'`,
      attempt: '1',
      claimed_by: `'${DEAD_NODE}'`,
      started_at: `now() - interval '${age}'`,
      ...columns,
    });
    return id;
  }

  /** Makes a claim too old for anybody to keep. */
  async makeStale(orderId: number): Promise<void> {
    const stale = `UPDATE orders SET started_at = now() - interval '11 minutes' WHERE id = $1`;
    await this.sql(stale, [orderId]);
  }

  /** The dead node's last sign of life was so long ago. */
  async lastBeat(ago: string): Promise<void> {
    await this.sql(
      `INSERT INTO processing_nodes (id, name, heartbeat_at) VALUES ($1, 'other', now() - $2::interval)
       ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at`,
      [DEAD_NODE, ago],
    );
  }
}
