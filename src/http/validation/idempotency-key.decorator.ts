import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { InvalidIdempotencyKeyError } from './request-errors';

/** Characters: enough for a UUID with any prefix, few enough for an index. */
export const MAX_KEY_LENGTH = 255;

/** The key of the `Idempotency-Key` header; undefined when the header was not sent. */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext) =>
  parseIdempotencyKey(context.switchToHttp().getRequest<Request>().headers['idempotency-key']),
);

/**
 * Accepts a bare key, as most clients send it, and a quoted one: the string of a structured header field (RFC 8941), as
 * draft-ietf-httpapi-idempotency-key-header requires.
 *
 * @throws InvalidIdempotencyKeyError when it is empty or longer than {@link MAX_KEY_LENGTH}
 */
export function parseIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = String(header).trim();
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(text)?.[1];
  const key = quoted?.replace(/\\(.)/g, '$1') ?? text;
  if (key === '' || key.length > MAX_KEY_LENGTH)
    throw new InvalidIdempotencyKeyError(MAX_KEY_LENGTH);
  return key;
}
