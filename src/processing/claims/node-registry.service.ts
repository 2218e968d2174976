import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import { WorkerSettings } from '../../config/workers.settings';
import { Database } from '../../database/database.service';

const BEAT = {
  name: 'nodes_beat',
  text: `
    INSERT INTO processing_nodes (id, name) VALUES ($1, $2)
    ON CONFLICT (id) DO UPDATE SET heartbeat_at = now()`,
};

const LEAVE = { name: 'nodes_leave', text: `DELETE FROM processing_nodes WHERE id = $1` };

const FORGET_OTHERS = {
  name: 'nodes_forget_others',
  text: `DELETE FROM processing_nodes WHERE id <> $1`,
};

// Far past the lease: the row of a node that was only paused is still there when it wakes up.
const FORGET_DEAD = {
  name: 'nodes_forget_dead',
  text: `DELETE FROM processing_nodes WHERE heartbeat_at < now() - 10 * $1 * interval '1 millisecond'`,
};

/** This node's name among the nodes, and its sign of life. The database's clock counts, never the node's. */
@Injectable()
export class NodeRegistry {
  readonly id = randomUUID();
  private readonly name = `${hostname()}:${process.pid}`;

  private beats: Promise<unknown> = Promise.resolve();
  private left = false;

  constructor(
    private readonly settings: WorkerSettings,
    private readonly database: Database,
  ) {}

  /** Must have succeeded once before the node's first claim; see the rescue in `claims.repository.ts`. */
  async beat(): Promise<void> {
    if (this.left) return;
    const beat = this.database.query(BEAT, [this.id, this.name]);
    this.beats = Promise.allSettled([this.beats, beat]);
    await beat;
  }

  /** For good: no beat follows. */
  async leave(): Promise<void> {
    this.left = true;
    // One that is under way would bring the row back.
    await this.beats;
    await this.database.query(LEAVE, [this.id]);
  }

  /** Only where nobody else can be alive: on an embedded database that this process has just started. */
  async forgetOthers(): Promise<void> {
    await this.database.query(FORGET_OTHERS, [this.id]);
  }

  async forgetDead(): Promise<void> {
    await this.database.query(FORGET_DEAD, [this.settings.leaseMs]);
  }
}
