import { ConsoleLogger, Logger, type LogLevel } from '@nestjs/common';
import type { Settings } from '../config/settings';

/** Contexts in which Nest logs each module and route at every start. */
const START_UP_CONTEXTS: readonly unknown[] = [
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
];

/** Each level includes those before it. */
const NEST_LEVELS: Readonly<Record<Settings['logLevel'], LogLevel[]>> = {
  error: ['fatal', 'error'],
  warn: ['fatal', 'error', 'warn'],
  info: ['fatal', 'error', 'warn', 'log'],
  debug: ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'],
};

/** Nest's logger without the messages about modules and routes; warnings and errors of those contexts stay. */
export class ServiceLogger extends ConsoleLogger {
  /** Makes it the logger of the whole process. */
  static install(level: Settings['logLevel']): void {
    Logger.overrideLogger(new ServiceLogger({ logLevels: NEST_LEVELS[level] }));
  }

  override log(message: unknown, ...rest: unknown[]): void {
    // The context is the last argument.
    if (!START_UP_CONTEXTS.includes(rest.at(-1))) super.log(message, ...rest);
  }
}
