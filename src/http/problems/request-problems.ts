import type { ProblemKind } from './problem-kind';

const CREATE = '/order/create_order';

/** Problems of the request as such, before anything is looked up. */
export const REQUEST_PROBLEMS = {
  malformed_json: {
    status: 400,
    title: 'Malformed JSON',
    cause: 'The body is not valid JSON.',
    remedy: 'Correct the body. Single quotes, trailing commas and comments are not JSON.',
    example: { detail: 'The body is not valid JSON.', instance: CREATE },
  },
  malformed_path: {
    status: 400,
    title: 'Malformed path',
    cause: 'The path contains a percent sign that starts no valid percent-encoding of UTF-8.',
    remedy: 'Encode the path, e.g. with encodeURIComponent.',
    example: {
      detail: 'The path is not valid percent-encoding.',
      instance: '/order/get_order/%ZZ',
    },
  },
  invalid_idempotency_key: {
    status: 400,
    title: 'Invalid Idempotency-Key',
    cause: 'The Idempotency-Key header is empty or has more than 255 characters.',
    remedy: 'Send a key of 1 to 255 characters, e.g. a UUID, or leave the header out.',
    example: {
      detail:
        'The Idempotency-Key must have 1 to 255 characters. Send e.g. a UUID, or no such header.',
      instance: CREATE,
    },
  },
  request_aborted: {
    status: 400,
    title: 'Request aborted',
    cause: 'The connection was closed before the whole body had arrived.',
    remedy:
      'Send the request again. With an Idempotency-Key that is safe for create_order as well.',
    example: { detail: 'The body ended before its announced length.', instance: CREATE },
  },
  body_length_mismatch: {
    status: 400,
    title: 'Body length mismatch',
    cause: 'The body is longer or shorter than its Content-Length says.',
    remedy: 'Let the HTTP client compute Content-Length.',
    example: {
      detail: 'The body is not as long as its Content-Length says.',
      instance: CREATE,
    },
  },
  bad_request: {
    status: 400,
    title: 'Bad request',
    cause: 'The request cannot be read, for a reason that has no code of its own.',
    remedy: 'Compare the request with the API description at /docs.',
    example: { detail: 'The request cannot be read.', instance: CREATE },
  },
  precondition_failed: {
    status: 412,
    title: 'Precondition failed',
    cause:
      'The If-Match or If-Unmodified-Since header of a request for a static file does not hold.',
    remedy: 'Request the file without the condition.',
    example: {
      detail: 'The request cannot be served as its headers ask.',
      instance: '/docs/swagger-ui.css',
    },
  },
  body_too_large: {
    status: 413,
    title: 'Body too large',
    cause: 'The body is larger than BODY_LIMIT_BYTES, by default 65536 bytes.',
    remedy: 'Send a smaller body. Split an order of more than 100 items into several.',
    example: { detail: 'The body is larger than the service accepts.', instance: CREATE },
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    cause: 'The body is missing or its Content-Type is not JSON.',
    remedy: 'Send JSON with the header Content-Type: application/json.',
    example: {
      detail: 'Send the body as JSON, with the header Content-Type: application/json.',
      instance: CREATE,
    },
  },
  unsupported_encoding: {
    status: 415,
    title: 'Unsupported content encoding',
    cause: 'The Content-Encoding of the body is not identity, gzip, deflate or br.',
    remedy: 'Send the body uncompressed, or compressed with one of these.',
    example: {
      detail: 'Send the body uncompressed, or compressed with gzip, deflate or br.',
      instance: CREATE,
    },
  },
  unsupported_charset: {
    status: 415,
    title: 'Unsupported charset',
    cause: 'The charset of the Content-Type is not a Unicode encoding.',
    remedy: 'Send the body in UTF-8.',
    example: { detail: 'Send the body in UTF-8.', instance: CREATE },
  },
  range_not_satisfiable: {
    status: 416,
    title: 'Range not satisfiable',
    cause: 'The Range header of a request for a static file lies outside of the file.',
    remedy: 'Request the file without a Range header.',
    example: {
      detail: 'The request cannot be served as its headers ask.',
      instance: '/docs/swagger-ui.css',
    },
  },
  validation_failed: {
    status: 422,
    title: 'Request validation failed',
    cause:
      'A field of the body, the query or the path is missing, unknown or has an invalid value.',
    remedy: 'Fix the fields listed in errors and send the request again.',
    example: {
      detail:
        'Fix the listed fields and send the request again: /user_id must be an integer from 1 to 2147483647.',
      instance: CREATE,
      errors: [{ pointer: '/user_id', message: 'must be an integer from 1 to 2147483647' }],
    },
  },
} as const satisfies Readonly<Record<string, ProblemKind>>;
