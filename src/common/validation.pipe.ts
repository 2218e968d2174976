import { Injectable, ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import type { ValidationError as Fault } from 'class-validator';
import type { FieldError } from './domain-error';
import { UnsupportedMediaTypeError, ValidationError } from './request-errors';

/** Checks bodies and queries against their DTOs; unknown fields are refused. */
@Injectable()
export class RequestPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      validationError: { target: false, value: false },
      exceptionFactory: (faults) => new ValidationError(faults.flatMap((fault) => explain(fault, ''))),
    });
  }

  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body') requireObject(value);
    return super.transform(value, metadata) as Promise<unknown>;
  }
}

function requireObject(body: unknown): void {
  // No body is read unless its type is JSON.
  if (body === undefined) throw new UnsupportedMediaTypeError();
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ValidationError([{ pointer: '', message: 'must be an object' }]);
  }
}

function explain(fault: Fault, parent: string): FieldError[] {
  const pointer = `${parent}/${fault.property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const own = Object.entries(fault.constraints ?? {}).map(([name, message]) => ({
    pointer,
    message: name === 'whitelistValidation' ? 'is not a field of this request' : message,
  }));
  return [...own, ...(fault.children ?? []).flatMap((child) => explain(child, pointer))];
}
