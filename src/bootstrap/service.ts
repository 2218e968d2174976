import { join } from 'node:path';
import { Logger, type LogLevel } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../app.module';
import type { Settings } from '../config/settings';
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

/** From the compiled file in `dist/src` as well as from the source in `src`. */
const ROOT = join(__dirname, __dirname.includes(join('dist', 'src')) ? '../../..' : '../..');
const SEED_FILE = join(ROOT, 'seed', 'init.sql');

/** Each level shows itself and those before it. */
const NEST_LEVELS: Readonly<Record<Settings['logLevel'], LogLevel[]>> = {
  error: ['fatal', 'error'],
  warn: ['fatal', 'error', 'warn'],
  info: ['fatal', 'error', 'warn', 'log'],
  debug: ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'],
};

/** A running service. */
export interface Service {
  readonly app: NestExpressApplication;
  /** Where it listens, e.g. `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly databaseUrl: string;
  /** Drains and stops everything, the embedded PostgreSQL included. A second call joins the first. */
  stop(): Promise<void>;
}

/**
 * Starts everything: the database where none is given, the schema, the data, the application.
 *
 * @throws StartError, EmbeddedPostgresError, whose messages say what to do; anything else is a fault of the service
 */
export async function startService(settings: Settings): Promise<Service> {
  const logger = new ServiceLogger(NEST_LEVELS[settings.logLevel]);
  Logger.overrideLogger(logger);
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
      databaseUrl,
      stop: () => (stopping ??= stop()),
    };
  } catch (error) {
    // The loops may be at work already, though nobody can reach the service.
    await stop();
    throw explainStartError(error, settings);
  }
}

function startEmbedded(settings: Settings): Promise<EmbeddedPostgres> {
  const logger = new Logger(EmbeddedPostgres.name);
  return EmbeddedPostgres.start({
    dataDir: settings.dataDir,
    log: (line) => {
      logger.log(line);
    },
  });
}

async function prepareDatabase(settings: Settings, databaseUrl: string): Promise<void> {
  const logger = new Logger('Database');
  if (settings.migrateOnStart) {
    const ran = await migrateDatabase(databaseUrl);
    if (ran.length > 0) logger.log(`Migrated: ${ran.join(', ')}`);
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

/** What an application of {@link AppModule} needs on top of its modules. */
export function configureApp(
  app: NestExpressApplication,
  settings: Settings,
): NestExpressApplication {
  readJsonBodies(app, settings.bodyLimitBytes);
  mountRoutes(app, settings.role === 'worker' ? [probesOnlyGate] : [docs, queueBoard]);
  return app;
}
