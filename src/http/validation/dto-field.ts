import { getMetadataStorage, ValidationTypes } from 'class-validator';
import type { FieldError } from '../../common/domain-error';
import { FieldCheck, type DecoratorMetadata, type FieldValue } from './field-check';
import { pointerTo } from './json-pointer';

/** No answer lists more: a body within the limit of its size can hold thousands of faults. */
export const MAX_FAULTS = 20;

/** Says whether a field is to be checked at all, like `@IsOptional`. */
type Condition = (object: object, value: unknown) => boolean;

const NONE: readonly FieldError[] = [];

/** One field of a DTO with all that its decorators ask of it. */
export class DtoField {
  private readonly pointer: string;
  private readonly conditions: readonly Condition[];
  private readonly ofValue: readonly FieldCheck[];
  private readonly ofElements: readonly FieldCheck[];

  /**
   * @param decorators in the order of the source
   * @throws TypeError on a decorator that this cannot follow: one that is asynchronous or nests a DTO
   */
  constructor(
    readonly name: string,
    decorators: readonly DecoratorMetadata[],
  ) {
    const checks = decorators.flatMap(checksOf);
    this.pointer = pointerTo('', name);
    this.conditions = decorators.flatMap(conditionsOf);
    this.ofValue = checks.filter(({ each }) => !each);
    this.ofElements = checks.filter(({ each }) => each);
  }

  /** The first fault of the field as a whole; when it has none, the first fault of each element. */
  faults(object: object, value: unknown): readonly FieldError[] {
    if (!this.conditions.every((holds) => holds(object, value))) return NONE;
    const field = { object, value };
    const message = firstMessage(this.ofValue, value, field);
    if (message !== undefined) return [{ pointer: this.pointer, message }];
    return this.ofElements.length === 0 ? NONE : this.faultsOfElements(field);
  }

  private faultsOfElements(field: FieldValue): readonly FieldError[] {
    // As class-validator has it: `each` checks a value that is no list by itself.
    const isList = Array.isArray(field.value);
    const elements: readonly unknown[] = isList ? (field.value as unknown[]) : [field.value];
    const faults: FieldError[] = [];
    for (let index = 0; index < elements.length && faults.length < MAX_FAULTS; index++) {
      const message = firstMessage(this.ofElements, elements[index], field);
      if (message === undefined) continue;
      faults.push({ pointer: isList ? pointerTo(this.pointer, index) : this.pointer, message });
    }
    return faults;
  }
}

function firstMessage(
  checks: readonly FieldCheck[],
  value: unknown,
  field: FieldValue,
): string | undefined {
  for (const check of checks) {
    if (check.appliesTo(field) && !check.passes(value, field)) return check.message;
  }
  return undefined;
}

function conditionsOf({ type, constraints }: DecoratorMetadata): Condition[] {
  return type === ValidationTypes.CONDITIONAL_VALIDATION ? [constraints[0] as Condition] : [];
}

function checksOf(decorator: DecoratorMetadata): FieldCheck[] {
  switch (decorator.type) {
    case ValidationTypes.CONDITIONAL_VALIDATION:
    case ValidationTypes.WHITELIST:
      return [];
    case ValidationTypes.CUSTOM_VALIDATION:
    case ValidationTypes.IS_DEFINED:
      return getMetadataStorage()
        .getTargetValidatorConstraints(decorator.constraintCls)
        .map((constraint) => {
          if (constraint.async) throw unsupported(decorator, 'an asynchronous check');
          return new FieldCheck(decorator, constraint.instance);
        });
    default:
      throw unsupported(decorator, decorator.type);
  }
}

function unsupported({ target, propertyName }: DecoratorMetadata, what: string): TypeError {
  const name = typeof target === 'string' ? target : target.name;
  return new TypeError(`${name}.${propertyName}: a request's DTO cannot have ${what}`);
}
