import { Logger } from '@nestjs/common';
import { Redis, type RedisOptions } from 'ioredis';
import { Subject } from 'rxjs';

/** An answer takes a millisecond; one that takes this long does not come. */
const ANSWER_TIMEOUT_MS = 2_000;

/** The wait before each try to connect grows to this: short, since work stands still meanwhile. */
const RECONNECT_MAX_MS = 1_000;

/**
 * Everything that fails, fails soon, and nothing is kept to be sent later: by then the table says better what is
 * ready.
 */
const OPTIONS: RedisOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  connectTimeout: ANSWER_TIMEOUT_MS,
  commandTimeout: ANSWER_TIMEOUT_MS,
  // A half-open connection swallows commands for many minutes before TCP gives it up.
  socketTimeout: ANSWER_TIMEOUT_MS,
  retryStrategy: (times) => Math.min(50 * 2 ** times, RECONNECT_MAX_MS),
  // What was the primary before a failover refuses to write, and says so on a connection that is alive.
  reconnectOnError: ({ message }) => message.startsWith('READONLY'),
};

/** The node's one connection to Redis: always there to be asked, and never in a hurry to give up. */
export class RedisLink {
  readonly client: Redis;
  /** Each time that Redis can be reached, the first time included. */
  readonly reached = new Subject<void>();
  private readonly logger = new Logger(RedisLink.name);
  private reason = 'not connected yet';
  private reported = false;

  constructor(url: string) {
    this.client = new Redis(url, OPTIONS);
    this.client.on('error', (error: Error) => {
      this.note(error.message);
    });
    this.client.on('close', () => {
      this.note('connection closed');
    });
    this.client.on('ready', () => {
      if (this.reported) this.logger.log('Redis is back');
      this.reported = false;
      this.reached.next();
    });
  }

  get isUp(): boolean {
    return this.client.status === 'ready';
  }

  /** Why Redis cannot be reached; undefined when it can. */
  get trouble(): string | undefined {
    return this.isUp ? undefined : `Redis is away: ${this.reason}`;
  }

  close(): void {
    this.reported = true;
    this.client.disconnect();
  }

  /** Once an outage, however many tries to connect it takes. */
  private note(reason: string): void {
    this.reason = reason;
    if (this.reported || this.isUp) return;
    this.reported = true;
    this.logger.warn(`Redis is away (${reason}): orders are accepted and wait in the table`);
  }
}
