import { OneOf } from './settings.decorators';

export const ROLES = ['all', 'api', 'worker'] as const;

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;

/** The process as a whole: its role, its log, its shutdown. */
export class ServiceSettings {
  /** `api` accepts orders, `worker` processes them, `all` does both. */
  @OneOf(ROLES)
  readonly role: (typeof ROLES)[number] = 'all';

  /** Messages of this level and of those before it are logged. */
  @OneOf(LOG_LEVELS)
  readonly logLevel: (typeof LOG_LEVELS)[number] = 'info';
}
