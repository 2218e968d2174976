import { getMetadataStorage } from 'class-validator';
import type { FieldError } from '../../common/domain-error';
import { DtoField, MAX_FAULTS } from './dto-field';
import type { DecoratorMetadata } from './field-check';
import { pointerTo } from './json-pointer';

/** A class whose fields carry class-validator's decorators. */
export type DtoClass = new () => object;

type Members = Record<string, unknown>;

/**
 * Checks objects by the decorators of one DTO.
 *
 * class-validator looks its decorators up and sorts them anew for every object. This does it once for a class,
 * and then calls the very same checks, so that the decorators stay the only place that says what is valid.
 */
export class DtoValidator {
  private readonly fields: readonly DtoField[];
  private readonly names: ReadonlySet<string>;

  /** @throws TypeError on a decorator that this cannot follow, see {@link DtoField} */
  constructor(private readonly dto: DtoClass) {
    this.fields = fieldsOf(dto);
    this.names = new Set(this.fields.map(({ name }) => name));
  }

  /** A DTO with the values of an object's own members; fields that the object lacks keep their default. */
  fill(source: object): object {
    const dto = new this.dto() as Members;
    for (const { name } of this.fields) {
      if (Object.hasOwn(source, name)) dto[name] = (source as Members)[name];
    }
    return dto;
  }

  /**
   * What is wrong with a DTO, and which members of its source it does not know.
   *
   * @returns one fault per place, known fields first; at most {@link MAX_FAULTS}
   */
  faults(dto: object, source: object): readonly FieldError[] {
    const faults: FieldError[] = [];
    for (const field of this.fields) {
      const found = field.faults(dto, (dto as Members)[field.name]);
      if (found.length > 0) faults.push(...found);
    }
    for (const key of Object.keys(source)) {
      if (this.names.has(key)) continue;
      if (faults.length >= MAX_FAULTS) break;
      faults.push({ pointer: pointerTo('', key), message: 'is not a field of this request' });
    }
    return faults.slice(0, MAX_FAULTS);
  }
}

function fieldsOf(dto: DtoClass): DtoField[] {
  const decorators = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const byName = new Map<string, DecoratorMetadata[]>();
  for (const decorator of decorators) {
    const { propertyName } = decorator;
    // JavaScript runs a field's decorators from the last to the first.
    byName.set(propertyName, [decorator, ...(byName.get(propertyName) ?? [])]);
  }
  return [...byName].map(([name, ofField]) => new DtoField(name, ofField));
}
