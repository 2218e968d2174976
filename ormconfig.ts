import { Item } from './src/catalog/item.entity';
import { User } from './src/catalog/user.entity';
import { loadSettings } from './src/config/load-settings';
import { EmbeddedPostgres } from './src/embedded-postgres/embedded-postgres';
import { MigratingDataSource } from './src/database/migrate';
import { OrderEvent } from './src/history/order-event.entity';
import { OrderStatusCounter } from './src/metrics/order-status-counter.entity';
import { MIGRATIONS } from './migrations';
import { Order } from './src/orders/order.entity';
import { ProcessingNode } from './src/processing/claims/processing-node.entity';

export const ENTITIES = [User, Item, Order, OrderEvent, OrderStatusCounter, ProcessingNode];

/**
 * The data source of the TypeORM CLI: `npm run migration:run`, `migration:revert`, `migration:generate`. Without
 * DATABASE_URL it starts the embedded PostgreSQL and stops it at the end.
 */
class CliDataSource extends MigratingDataSource {
  private embedded: EmbeddedPostgres | undefined;

  override async initialize(): Promise<this> {
    const { databaseUrl, dataDir } = loadSettings();
    if (databaseUrl === undefined) this.embedded = await EmbeddedPostgres.start({ dataDir });
    this.setOptions({ url: databaseUrl ?? this.embedded?.url });
    return super.initialize();
  }

  override async destroy(): Promise<void> {
    await super.destroy();
    await this.embedded?.stop();
  }
}

export default new CliDataSource({
  type: 'postgres',
  entities: ENTITIES,
  migrations: MIGRATIONS,
  synchronize: false,
  poolSize: 2,
});
