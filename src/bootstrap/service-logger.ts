import { ConsoleLogger, type LogLevel } from '@nestjs/common';

/** What Nest tells of itself at each start; of no use to whoever starts the service. */
const START_UP_CONTEXTS: readonly unknown[] = [
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
];

/** Nest's logger without its own start-up notes; its warnings and errors stay. */
export class ServiceLogger extends ConsoleLogger {
  constructor(logLevels: LogLevel[]) {
    super({ logLevels });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    // The context is always the last of them.
    if (!START_UP_CONTEXTS.includes(rest.at(-1))) super.log(message, ...rest);
  }
}
