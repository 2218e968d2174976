import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../app.module';
import { PROJECT_DIR } from '../config/folders';
import type { Settings } from '../config/settings';
import { unknownVariables } from '../config/unknown-variables';
import { EmbeddedPostgres } from '../embedded-postgres/embedded-postgres';
import { migrateDatabase } from '../database/migrate';
import { seedDatabase } from '../database/seed';
import { probesOnlyGate } from '../health/probes-only-gate';
import { readJsonBodies } from '../http/express/json-bodies';
import { mountRoutes } from '../http/express/mounted-routes';
import { StablePrototypeAdapter } from '../http/express/stable-prototype.adapter';
import { docs } from './openapi';
import { queueBoard } from '../processing/queue/bullmq/queue-board';
import { ServiceLogger } from './service-logger';
import { explainStartError } from './startup-error';

const SEED_FILE = join(PROJECT_DIR, 'seed', 'init.sql');

/** A running service. */
export interface Service {
  readonly app: NestExpressApplication;
  /** Where it listens, e.g. `http://127.0.0.1:8000`. */
  readonly url: string;
  /** How to connect to the embedded PostgreSQL; undefined when the service uses the one at DATABASE_URL. */
  readonly database: EmbeddedDatabase | undefined;
  /** Drains and stops everything, including the embedded PostgreSQL. Further calls return the same promise. */
  stop(): Promise<void>;
}

/** Everything but the password, so that it can be printed. */
export interface EmbeddedDatabase {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly name: string;
  readonly dataDir: string;
  readonly passwordFile: string;
}

/**
 * Starts the service: the embedded database if DATABASE_URL is unset, the schema, the seed data, the application.
 *
 * @throws StartError or EmbeddedPostgresError, whose messages say what to do; anything else is a defect of the service
 */
export async function startService(settings: Settings): Promise<Service> {
  ServiceLogger.install(settings.logLevel);
  const configuration = new Logger('Configuration');
  for (const warning of unknownVariables()) configuration.warn(warning);
  const embedded = settings.databaseUrl === undefined ? await startEmbedded(settings) : undefined;
  let app: NestExpressApplication | undefined;
  const stop = async () => {
    await app?.close();
    await embedded?.stop();
  };
  try {
    const databaseUrl = embedded?.url ?? settings.databaseUrl ?? '';
    await prepareDatabase(settings, databaseUrl);
    app = await createApp(settings, databaseUrl, embedded !== undefined);
    await app.listen(settings.port, settings.host);
    let stopping: Promise<void> | undefined;
    return {
      app,
      url: (await app.getUrl()).replace('[::1]', '127.0.0.1'),
      database: embedded && describeDatabase(embedded, settings.dataDir),
      stop: () => (stopping ??= stop()),
    };
  } catch (error) {
    // The worker loops may be running already.
    await stop();
    throw explainStartError(error, settings);
  }
}

function startEmbedded({ dataDir }: Settings): Promise<EmbeddedPostgres> {
  const logger = new Logger(EmbeddedPostgres.name);
  return EmbeddedPostgres.start({
    dataDir,
    log: (line) => {
      logger.log(line);
    },
  });
}

function describeDatabase(
  { url, port, passwordFile }: EmbeddedPostgres,
  dataDir: string,
): EmbeddedDatabase {
  const { hostname, username, pathname } = new URL(url);
  return {
    host: hostname,
    port,
    user: username,
    name: pathname.slice(1),
    dataDir,
    passwordFile,
  };
}

async function prepareDatabase(settings: Settings, databaseUrl: string): Promise<void> {
  const logger = new Logger('Database');
  if (settings.migrateOnStart) {
    const applied = await migrateDatabase(databaseUrl);
    if (applied.length > 0) logger.log(`Applied the migrations ${applied.join(', ')}`);
  }
  if (settings.seedOnStart ?? settings.databaseUrl === undefined) {
    if (await seedDatabase(databaseUrl, SEED_FILE)) logger.log('Loaded the seed data');
  }
}

async function createApp(
  settings: Settings,
  databaseUrl: string,
  soleNode: boolean,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.with({ settings, databaseUrl, soleNode }),
    new StablePrototypeAdapter(),
    { bodyParser: false, abortOnError: false },
  );
  return configureApp(app, settings);
}

/** Adds what an application of {@link AppModule} needs beside its modules. */
export function configureApp(
  app: NestExpressApplication,
  settings: Settings,
): NestExpressApplication {
  readJsonBodies(app, settings.bodyLimitBytes);
  mountRoutes(app, settings.role === 'worker' ? [probesOnlyGate] : [docs, queueBoard]);
  return app;
}
