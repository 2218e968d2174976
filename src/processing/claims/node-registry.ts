import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import { WorkerSettings } from '../../config/workers.settings';
import { Database } from '../../database/database.service';
import * as sql from './nodes.sql';

/** True where no other node can be alive: on an embedded database that this process has started. */
export const SOLE_NODE = Symbol('SOLE_NODE');

/** This node's heartbeat row, and those of the others. Only the database's clock counts. */
@Injectable()
export class NodeRegistry {
  /** New at each start of the process, so that no node takes an earlier process's claims for its own. */
  readonly id = randomUUID();
  private readonly name = `${hostname()}:${process.pid}`;
  /** By the process's monotonic clock, as the next. Infinity: there was none, and so no gap. */
  private lastBeatAt = Infinity;
  private gapEndedAt = -Infinity;

  constructor(
    @Inject(SOLE_NODE) private readonly soleNode: boolean,
    private readonly settings: WorkerSettings,
    private readonly database: Database,
  ) {}

  /** Adds this node's row. Must have succeeded before the node's first claim: without a row a claim is rescued. */
  async join(): Promise<void> {
    await this.beat();
    if (this.soleNode) await this.database.query(sql.REMOVE_OTHERS, [this.id]);
  }

  async beat(): Promise<void> {
    await this.database.query(sql.BEAT, [this.id, this.name]);
    const now = performance.now();
    // A gap in this node's heartbeats is most likely one in those of all nodes: the database was unavailable.
    if (now - this.lastBeatAt > this.settings.leaseMs / 2) this.gapEndedAt = now;
    this.lastBeatAt = now;
  }

  /**
   * Whether other nodes may live although their heartbeats are older than the lease: for the length of a lease after a
   * gap in this node's own heartbeats, in which all of them can write theirs again.
   */
  get othersMayBeLate(): boolean {
    return performance.now() - this.gapEndedAt < this.settings.leaseMs;
  }

  /** Removes this node's row, so that its claims, if any are left, are rescued at once. No beat may be under way. */
  async leave(): Promise<void> {
    await this.database.query(sql.REMOVE, [this.id]);
  }

  /** Removes the rows of nodes that are lost for long. */
  async removeLost(): Promise<void> {
    await this.database.query(sql.REMOVE_LOST, [this.settings.leaseMs]);
  }
}
