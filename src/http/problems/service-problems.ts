import type { ProblemKind } from './problem-kind';

const CREATE = '/order/create_order';

/** Problems of the address that was called, and of the service itself. */
export const SERVICE_PROBLEMS = {
  unknown_route: {
    status: 404,
    title: 'Unknown route',
    cause: 'The service has no route of this method and path.',
    remedy: 'Compare method and path with the API description at /docs.',
    example: {
      detail: 'There is no GET /orders. The routes are listed at /docs.',
      instance: '/orders',
    },
  },
  unknown_problem_code: {
    status: 404,
    title: 'Unknown problem code',
    cause: 'No problem has the code that was looked up.',
    remedy: 'Use the code or the type of a problem document as it is.',
    example: { detail: 'There is no problem code nothing.', instance: '/problems/nothing' },
  },
  not_served_here: {
    status: 404,
    title: 'Not served by this node',
    cause: 'The request reached a worker node, which answers probes and metrics only.',
    remedy: 'Send the request to an API node.',
    example: {
      detail:
        'This is a worker node: it answers /health/live, /health/ready and /metrics only. Send the request to an API node.',
      instance: '/order/get_order/2',
    },
  },
  internal_error: {
    status: 500,
    title: 'Internal server error',
    cause: 'A fault of the service. Its log has the details.',
    remedy: 'Report it to the operator, with the time and the path.',
    example: {
      detail: 'An unexpected error occurred. It has been logged.',
      instance: CREATE,
    },
  },
  database_unavailable: {
    status: 503,
    title: 'Database unavailable',
    cause:
      'The database cannot be reached, does not answer in time, or is starting or failing over.',
    remedy:
      'Send the request again after Retry-After seconds. Repeat create_order with the same Idempotency-Key: the order may have been committed before the connection broke.',
    example: {
      detail:
        'The database is unavailable. The request itself is valid: send it again after Retry-After seconds.',
      instance: CREATE,
    },
  },
  overloaded: {
    status: 503,
    title: 'Server overloaded',
    cause: 'More requests are waiting for the database than this node may hold in memory.',
    remedy: 'Send the request again after Retry-After seconds, at a lower rate.',
    example: {
      detail:
        '20000 requests are already waiting for the database. Send this one again after Retry-After seconds.',
      instance: CREATE,
    },
  },
  not_ready: {
    status: 503,
    title: 'Not ready',
    cause:
      'A readiness check failed: the database does not answer, migrations are pending, or the node is shutting down.',
    remedy: 'Send requests to another node until /health/ready answers 200.',
    example: { detail: 'Failed health checks: database.', instance: '/health/ready' },
  },
} as const satisfies Readonly<Record<string, ProblemKind>>;
