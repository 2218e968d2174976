import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A running node. One whose heartbeat is older than the lease is lost; its claims are rescued. */
@Entity('processing_nodes')
export class ProcessingNode {
  /** New at each start of the process, see {@link NodeRegistry}. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'processing_nodes_pkey' })
  id!: string;

  /** For people: host and process id. */
  @Column('text')
  name!: string;

  @Column('timestamptz', { name: 'started_at', default: () => 'now()' })
  startedAt!: Date;

  @Column('timestamptz', { name: 'heartbeat_at', default: () => 'now()' })
  heartbeatAt!: Date;
}
