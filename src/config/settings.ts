import { CatalogSettings } from './catalog.settings';
import { DatabaseSettings } from './database.settings';
import { FulfilmentSettings } from './fulfilment.settings';
import { HttpSettings } from './http.settings';
import { QueueSettings } from './queue.settings';
import { RetrySettings } from './retry.settings';
import { ServiceSettings } from './service.settings';
import { WorkerSettings } from './workers.settings';

/** The settings by area. Each area is a class that can be injected by itself. */
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
 * Every setting of the service. The environment variable of a property is its name in capitals: `queueCapacity` is read
 * from `QUEUE_CAPACITY`, so no two areas have a property of the same name. Durations are milliseconds.
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

/** The settings of an empty environment. */
export function defaultSettings(): Settings {
  return Object.assign({}, ...AREAS.map((Area) => new Area())) as Settings;
}
