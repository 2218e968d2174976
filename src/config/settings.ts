import { IsOptional, IsString, Matches } from 'class-validator';
import { Address, Flag, Fraction, Milliseconds, OneOf, Whole } from './settings.decorators';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;

export const ROLES = ['all', 'api', 'worker'] as const;

export const QUEUE_ENGINES = ['memory', 'bullmq'] as const;

export const FULFILMENTS = ['simulated', 'http'] as const;

/** `whsec_`, then 24 to 64 bytes in base64: the form and the lengths that Standard Webhooks asks for. */
const WEBHOOK_SECRET =
  /^whsec_(?=.{32,88}$)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Every setting of the service with its default. The environment variable of a property is its name in
 * capitals: `queueCapacity` is read from `QUEUE_CAPACITY`. Durations are milliseconds.
 */
export class Settings {
  /** 0 lets the system choose a free port. */
  @Whole(0, 65_535)
  readonly port: number = 8000;

  /** Loopback by default: a fresh start must not be open to the network. */
  @IsString()
  @Matches(/^\S+$/, { message: 'takes a host name or an address' })
  readonly host: string = '127.0.0.1';

  /** Unset: an embedded PostgreSQL in `dataDir`. */
  @IsOptional()
  @Address('postgres', 'postgresql')
  readonly databaseUrl: string | undefined = undefined;

  /** Folder of the embedded PostgreSQL. */
  @IsString()
  readonly dataDir: string = '.data';

  /** Group commit needs few connections; ten serve the reads beside it. */
  @Whole(3, 1000)
  readonly databasePoolSize: number = 10;

  /** A caller waits no longer than this for a connection before it is told that the database is away. */
  @Milliseconds(100, 60_000)
  readonly databaseConnectTimeoutMs: number = 5_000;

  /** No statement of the service takes seconds; one that does hangs on a lock or on a dead connection. */
  @Milliseconds(100, 600_000)
  readonly databaseStatementTimeoutMs: number = 10_000;

  @Flag()
  readonly migrateOnStart: boolean = true;

  /** Unset: true on the embedded database, false elsewhere. */
  @IsOptional()
  @Flag()
  readonly seedOnStart: boolean | undefined = undefined;

  /** `api` accepts orders, `worker` works them off, `all` does both. */
  @OneOf(ROLES)
  readonly role: (typeof ROLES)[number] = 'all';

  /** Where ids wait for a worker: in this process, or in the Redis that nodes share. */
  @OneOf(QUEUE_ENGINES)
  readonly queueEngine: (typeof QUEUE_ENGINES)[number] = 'memory';

  @IsOptional()
  @Address('redis', 'rediss')
  readonly redisUrl: string | undefined = undefined;

  /** What each key in Redis begins with, so that several services may share one. */
  @IsString()
  @Matches(/^[\w-]+$/, { message: 'takes letters, digits, _ and -' })
  readonly redisPrefix: string = 'order-service';

  /** Ids that wait in the queue; what doesn't fit stays in the table. */
  @Whole(1, 1_000_000)
  readonly queueCapacity: number = 10_000;

  /** Worker loops in this process. */
  @Whole(1, 10_000)
  readonly workerCount: number = 3;

  /** Who does the work: nobody, for a time between the two below, or the endpoint at `fulfilmentUrl`. */
  @OneOf(FULFILMENTS)
  readonly fulfilment: (typeof FULFILMENTS)[number] = 'simulated';

  /** Where the http fulfilment posts orders to. */
  @IsOptional()
  @Address('http', 'https')
  readonly fulfilmentUrl: string | undefined = undefined;

  /** Unset: what is posted is not signed. */
  @IsOptional()
  @Matches(WEBHOOK_SECRET, { message: 'takes whsec_ and then 24 to 64 bytes in base64' })
  readonly fulfilmentSecret: string | undefined = undefined;

  /** Of a whole call, from connecting to the answer's end; an attempt that takes longer has failed. */
  @Milliseconds(100)
  readonly fulfilmentTimeoutMs: number = 10_000;

  /** Failed attempts in a row after which nobody is asked for a while. */
  @Whole(1, 10_000)
  readonly fulfilmentBreakerFailures: number = 10;

  /** How long that while is, before one attempt tries again. */
  @Milliseconds(100)
  readonly fulfilmentBreakerPauseMs: number = 5_000;

  /** Shortest work of the simulated fulfilment. */
  @Milliseconds(0)
  readonly processingMinMs: number = 2_000;

  /** Longest work of the simulated fulfilment. */
  @Milliseconds(0)
  readonly processingMaxMs: number = 7_000;

  /** Share of simulated fulfilments that fail. */
  @Fraction()
  readonly simulatedFailureRate: number = 0;

  /** Attempts before an order is FAILED. */
  @Whole(1, 100)
  readonly maxAttempts: number = 5;

  /** The first retry's longest delay; each further one doubles it. */
  @Milliseconds(0)
  readonly retryBaseMs: number = 2_000;

  /** No retry waits longer than this. */
  @Milliseconds(0)
  readonly retryMaxMs: number = 300_000;

  @Milliseconds(100)
  readonly heartbeatIntervalMs: number = 5_000;

  /** A node that has not beaten for this long counts as dead; six beats by default. */
  @Milliseconds(300)
  readonly leaseMs: number = 30_000;

  /** A claim older than this is taken away, whoever holds it. */
  @Milliseconds(1_000, 604_800_000)
  readonly staleAfterMs: number = 600_000;

  @Milliseconds(100)
  readonly recoveryIntervalMs: number = 10_000;

  /** What running work gets at shutdown before it is released. */
  @Milliseconds(0, 3_600_000)
  readonly shutdownDrainMs: number = 20_000;

  /** false: item ids and totals are the caller's own. */
  @Flag()
  readonly catalogCheck: boolean = true;

  /** Largest request body in bytes; an order of a hundred items takes about one kilobyte. */
  @Whole(1_024, 10_485_760)
  readonly bodyLimitBytes: number = 65_536;

  @OneOf(LOG_LEVELS)
  readonly logLevel: (typeof LOG_LEVELS)[number] = 'info';
}
