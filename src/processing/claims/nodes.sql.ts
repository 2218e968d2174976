import { Statement } from '../../database/statement';

/** Writes the heartbeat of a node; its first one adds its row. */
export const BEAT = new Statement<[nodeId: string, name: string], Record<string, never>>(
  'nodes_beat',
  `
    INSERT INTO processing_nodes (id, name) VALUES ($1, $2)
    ON CONFLICT (id) DO UPDATE SET heartbeat_at = now()`,
);

export const REMOVE = new Statement<[nodeId: string], Record<string, never>>(
  'nodes_remove',
  `DELETE FROM processing_nodes WHERE id = $1`,
);

export const REMOVE_OTHERS = new Statement<[nodeId: string], Record<string, never>>(
  'nodes_remove_others',
  `DELETE FROM processing_nodes WHERE id <> $1`,
);

/** Long after the lease, so that a node that was only paused still finds its row when it continues. */
export const REMOVE_LOST = new Statement<[leaseMs: number], Record<string, never>>(
  'nodes_remove_lost',
  `DELETE FROM processing_nodes WHERE heartbeat_at < now() - 10 * $1 * interval '1 millisecond'`,
);
