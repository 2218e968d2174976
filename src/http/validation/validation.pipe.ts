import { Injectable, type ArgumentMetadata, type PipeTransform, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { DtoValidator, type DtoClass } from './dto-validator';
import { UnsupportedMediaTypeError, ValidationError } from './request-errors';

/** What TypeScript notes of parameters that have no DTO. */
const BUILT_IN: ReadonlySet<unknown> = new Set([
  String,
  Boolean,
  Number,
  Array,
  Object,
  Buffer,
  Date,
]);

/**
 * Checks bodies, queries and path parameters against their DTOs; unknown fields are refused.
 *
 * A body is JSON, whose values have their types already. What comes as text is converted first, by the
 * decorators of class-transformer (`@Type`, `@Transform`) on the DTO.
 */
@Injectable()
export class RequestPipe implements PipeTransform {
  private readonly validators = new Map<DtoClass, DtoValidator>();

  /** @throws UnsupportedMediaTypeError, ValidationError */
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type === 'custom' || metatype === undefined || BUILT_IN.has(metatype)) return value;
    const source = type === 'body' ? jsonObject(value) : (value as object);
    const validator = this.validatorOf(metatype as Type<object>);
    const dto =
      type === 'body' ? validator.fill(source) : plainToInstance(metatype as Type<object>, source);
    const faults = validator.faults(dto, source);
    if (faults.length > 0) throw new ValidationError(faults);
    return dto;
  }

  private validatorOf(dto: DtoClass): DtoValidator {
    let validator = this.validators.get(dto);
    if (!validator) this.validators.set(dto, (validator = new DtoValidator(dto)));
    return validator;
  }
}

function jsonObject(body: unknown): object {
  // No body is read unless its type is JSON.
  if (body === undefined) throw new UnsupportedMediaTypeError();
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  throw new ValidationError([{ pointer: '', message: 'must be an object' }]);
}
