import { Client } from './pg.mjs';
import { SEED_FILE, importService } from './paths.mjs';
import { createFolder, removeFolder } from './run-folder.mjs';

const TEMPLATE = 'service_template';

/** The service's embedded PostgreSQL with durable commits, in a new folder for each run, and the databases in it. */
export class Postgres {
  #embedded;
  #folder;
  #count = 0;
  #administrator;

  static async start() {
    const postgres = new Postgres();
    postgres.#folder = await createFolder('postgres');
    await postgres.#open();
    // Records the time of each commit, for the pick-up times. All other settings are those of the service.
    await postgres.#administrator.query('ALTER SYSTEM SET track_commit_timestamp = on');
    await postgres.#close();
    await postgres.#open();
    await postgres.#createTemplate();
    return postgres;
  }

  async stop() {
    await this.#close();
    await removeFolder(this.#folder);
  }

  async version() {
    const { rows } = await this.#administrator.query('SHOW server_version');
    return rows[0].server_version;
  }

  /**
   * Creates a database with the service's schema and seed data.
   *
   * @param before another commit, whose own migrations make the schema; undefined for this one
   */
  async createServiceDatabase(before) {
    if (!before) return this.#create(`TEMPLATE ${TEMPLATE} STRATEGY file_copy`);
    const database = await this.#create('');
    await prepareSchema(database.url, (path) => before.importService(path));
    return database;
  }

  /** Creates a database whose orders table has the same columns, but no triggers and no index except the primary key. */
  async createPlainDatabase() {
    const database = await this.createServiceDatabase();
    await database.query(`
      ALTER TABLE orders RENAME TO orders_of_the_service;
      CREATE TABLE orders (
        LIKE orders_of_the_service INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING IDENTITY,
        PRIMARY KEY (id)
      );
      DROP TABLE orders_of_the_service`);
    return database;
  }

  async #create(options) {
    this.#count += 1;
    const name = `bench_${this.#count}`;
    await this.#administrator.query(`CREATE DATABASE ${name} ${options}`);
    return Database.open(urlOf(this.#embedded.url, name), () =>
      this.#administrator.query(`DROP DATABASE ${name} WITH (FORCE)`),
    );
  }

  async #open() {
    const { EmbeddedPostgres } = await importService('embedded-postgres/embedded-postgres.js');
    this.#embedded = await EmbeddedPostgres.start({ dataDir: this.#folder });
    this.#administrator = await connect(this.#embedded.url);
  }

  async #close() {
    await this.#administrator.end();
    await this.#embedded.stop();
  }

  async #createTemplate() {
    await this.#administrator.query(`CREATE DATABASE ${TEMPLATE}`);
    const url = urlOf(this.#embedded.url, TEMPLATE);
    await prepareSchema(url, importService);
  }
}

/** Migrates and seeds a database by the code of one commit of the service. */
async function prepareSchema(url, importFrom) {
  const { migrateDatabase } = await importFrom('database/migrate.js');
  const { seedDatabase } = await importFrom('database/seed.js');
  await migrateDatabase(url);
  await seedDatabase(url, SEED_FILE);
}

/** One database, with a connection of this process to it. */
class Database {
  #client;
  #remove;

  static async open(url, remove) {
    const database = new Database();
    database.url = url;
    database.#remove = remove;
    database.#client = await connect(url);
    return database;
  }

  async query(text, values) {
    const { rows } = await this.#client.query(text, values);
    return rows;
  }

  /** Brings the database into the state of one in use: up-to-date statistics, known free pages, no dirty buffers. */
  async settle() {
    await this.#client.query('VACUUM ANALYZE');
    await this.#client.query('CHECKPOINT');
  }

  async drop() {
    await this.#client.end();
    await this.#remove();
  }
}

async function connect(url) {
  const client = new Client({ connectionString: url });
  // A lost connection fails the query that is in progress. Without one, the server is being stopped.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

function urlOf(url, name) {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}
