import { Logger } from '@nestjs/common';
import { Redis, type RedisOptions } from 'ioredis';
import { Subject } from 'rxjs';
import { describeConnectionError } from './connection-error';

/** Redis answers within a millisecond or so. After this time no answer is expected any more. */
const ANSWER_TIMEOUT_MS = 2_000;

/**
 * How long a disconnect waits for Redis to close its side. ioredis waits that long, and keeps the process alive, even
 * when the connection was closed before.
 */
const DISCONNECT_TIMEOUT_MS = 500;

/** The first wait before a new attempt to connect; it doubles with each attempt. */
const RECONNECT_MIN_MS = 50;

/** The longest wait between attempts to connect. Short, because no order is handed to a worker meanwhile. */
const RECONNECT_MAX_MS = 1_000;

/**
 * Commands fail at once while Redis is unavailable, and are not kept to be sent later: by then the orders table gives
 * a better answer to what is ready.
 */
const OPTIONS: RedisOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  connectTimeout: ANSWER_TIMEOUT_MS,
  commandTimeout: ANSWER_TIMEOUT_MS,
  disconnectTimeout: DISCONNECT_TIMEOUT_MS,
  // Without it, commands on a half-open connection would get no answer until TCP gives up, many minutes later.
  socketTimeout: ANSWER_TIMEOUT_MS,
  retryStrategy: (attempts) => Math.min(RECONNECT_MIN_MS * 2 ** attempts, RECONNECT_MAX_MS),
  // After a failover the former primary keeps its connections open, and refuses writes with this error.
  reconnectOnError: ({ message }) => message.startsWith('READONLY'),
};

/** The node's only connection to Redis. It reconnects for as long as it is not closed. */
export class RedisConnection {
  readonly client: Redis;
  /** Emits each time that the connection is established, the first time included. */
  readonly connected = new Subject<void>();
  private readonly logger = new Logger(RedisConnection.name);
  private reason = 'not connected yet';
  /** Whether the present outage has been logged: one line for an outage, however many attempts it takes. */
  private logged = false;
  private closed = false;

  constructor(url: string) {
    this.client = new Redis(url, OPTIONS);
    this.client.on('error', (error: Error) => {
      this.reason = describeConnectionError(error);
      this.logOutage();
    });
    this.client.on('close', () => {
      this.logOutage();
    });
    this.client.on('ready', () => {
      this.handleReady();
    });
  }

  get isUp(): boolean {
    return this.client.status === 'ready';
  }

  /** Why Redis cannot be used; undefined when it can. */
  get unavailableReason(): string | undefined {
    return this.isUp ? undefined : `Redis unavailable: ${this.reason}`;
  }

  close(): void {
    this.closed = true;
    this.client.disconnect();
  }

  private handleReady(): void {
    if (this.logged) this.logger.log('Redis available again');
    this.logged = false;
    // The reason of the next outage, unless an error gives a better one.
    this.reason = 'connection closed';
    this.connected.next();
  }

  private logOutage(): void {
    if (this.logged || this.closed || this.isUp) return;
    this.logged = true;
    this.logger.warn(
      `Redis unavailable: ${this.reason}. Orders are accepted and wait in the table. Check Redis and REDIS_URL.`,
    );
  }
}
