import { Injectable, type ArgumentMetadata, type PipeTransform, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidatorOptions } from 'class-validator';
import type { FieldError } from '../../common/domain-error';
import { faultsOf } from './field-faults';
import { pointerTo } from './json-pointer';
import { UnsupportedMediaTypeError, ValidationError } from './request-errors';

/** A response lists no more: a body within the size limit can have thousands of faults. */
export const MAX_FAULTS = 20;

/** The parameter types that TypeScript emits where a parameter has no DTO. */
const BUILT_IN: ReadonlySet<unknown> = new Set([
  String,
  Boolean,
  Number,
  Array,
  Object,
  Buffer,
  Date,
]);

const OPTIONS: ValidatorOptions = {
  // Refuses a declared field that has no decorator; unknown fields never get into the DTO.
  whitelist: true,
  forbidNonWhitelisted: true,
  // The decorators of a field run from the bottom up: the lowest one decides first.
  stopAtFirstError: true,
  validationError: { target: false },
};

type Members = Record<string, unknown>;

/**
 * Validates bodies and queries against their DTOs and refuses unknown fields.
 *
 * A body is JSON, whose values have their types. A query is text, which the DTO's decorators of class-transformer
 * (`@Type`, `@Transform`) convert first.
 */
@Injectable()
export class RequestPipe implements PipeTransform {
  /** @throws UnsupportedMediaTypeError, ValidationError with at most {@link MAX_FAULTS} faults */
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type === 'custom' || metatype === undefined || BUILT_IN.has(metatype)) return value;
    const Dto = metatype as Type<Members>;
    const source = type === 'body' ? jsonObject(value) : (value as Members);
    const dto = new Dto();
    const unknown = fill(dto, source);
    const converted = type === 'body' ? dto : plainToInstance(Dto, dto);
    const errors = validateSync(converted, OPTIONS);
    if (errors.length === 0 && unknown.length === 0) return converted;
    const faults = errors.flatMap((error) => faultsOf(error, MAX_FAULTS));
    throw new ValidationError([...faults, ...unknown].slice(0, MAX_FAULTS));
  }
}

/**
 * Copies a source's own members into the fields that the DTO declares. Only these: a member named `__proto__` or
 * `constructor` would replace the DTO's prototype or class, by which class-validator finds the decorators.
 *
 * @returns the first faults of members that are no fields
 */
function fill(dto: Members, source: Members): readonly FieldError[] {
  const unknown: FieldError[] = [];
  for (const name of Object.keys(source)) {
    if (Object.hasOwn(dto, name)) {
      dto[name] = source[name];
    } else if (unknown.length < MAX_FAULTS) {
      unknown.push({ pointer: pointerTo('', name), message: 'is not a field of this request' });
    }
  }
  return unknown;
}

function jsonObject(body: unknown): Members {
  // A body is parsed only when its type is JSON.
  if (body === undefined) throw new UnsupportedMediaTypeError();
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Members;
  throw new ValidationError([{ pointer: '', message: 'must be an object' }]);
}
