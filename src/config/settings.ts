import { CatalogSettings } from './catalog.settings';
import { DatabaseSettings } from './database.settings';
import { FulfilmentSettings } from './fulfilment.settings';
import { HttpSettings } from './http.settings';
import { QueueSettings } from './queue.settings';
import { RetrySettings } from './retry.settings';
import { ServiceSettings } from './service.settings';
import { WorkerSettings } from './workers.settings';

/** The areas of the settings. Each is a class that can be injected by itself. */
export const AREAS = [
  ServiceSettings,
  HttpSettings,
  DatabaseSettings,
  CatalogSettings,
  QueueSettings,
  WorkerSettings,
  RetrySettings,
  FulfilmentSettings,
] as const;

/**
 * Every setting of the service. `queueCapacity` is read from the environment variable `QUEUE_CAPACITY`, and so on, so two
 * areas cannot have properties of the same name. Durations are in milliseconds.
 */
export interface Settings
  extends
    ServiceSettings,
    HttpSettings,
    DatabaseSettings,
    CatalogSettings,
    QueueSettings,
    WorkerSettings,
    RetrySettings,
    FulfilmentSettings {}

/** The settings of an empty environment. `dataDir` is not absolute yet. */
export function defaultSettings(): Settings {
  return Object.assign({}, ...AREAS.map((Area) => new Area())) as Settings;
}
