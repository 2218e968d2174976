import type {
  MetadataStorage,
  ValidationArguments,
  ValidatorConstraintInterface,
} from 'class-validator';

/** What class-validator keeps of one decorator. */
export type DecoratorMetadata = ReturnType<MetadataStorage['getTargetValidationMetadatas']>[number];

/** The field that is looked at, in the object that holds it. */
export interface FieldValue {
  readonly object: object;
  readonly value: unknown;
}

/** One check of one field, as its decorator describes it. */
export class FieldCheck {
  /** Reads well after a field's name: "must be a whole number". */
  readonly message: string;
  private readonly targetName: string;

  /** @throws TypeError when the decorator has no such message */
  constructor(
    private readonly metadata: DecoratorMetadata,
    private readonly constraint: ValidatorConstraintInterface,
  ) {
    const { target } = metadata;
    this.targetName = typeof target === 'string' ? target : target.name;
    this.message = this.ownMessage();
  }

  /** Whether each element of a list is checked, not the list. */
  get each(): boolean {
    return this.metadata.each;
  }

  appliesTo({ object, value }: FieldValue): boolean {
    return this.metadata.validateIf?.(object, value) ?? true;
  }

  /** @param value the field's value, or one element of it */
  passes(value: unknown, field: FieldValue): boolean {
    // Anything but true refuses, so a promise never passes for a yes.
    return this.constraint.validate(value, this.argumentsFor(field)) === true;
  }

  private argumentsFor({ object, value }: FieldValue): ValidationArguments {
    const { propertyName: property, constraints } = this.metadata;
    return { targetName: this.targetName, property, constraints, object, value };
  }

  private ownMessage(): string {
    const { message: given }: { message?: unknown } = this.metadata;
    const message =
      given ?? this.constraint.defaultMessage?.(this.argumentsFor({ object: {}, value: '' }));
    // Texts with tokens name the field in the middle; ours stand after its JSON pointer.
    if (typeof message === 'string' && message !== '' && !message.includes('$')) return message;
    const { propertyName, name } = this.metadata;
    throw new TypeError(
      `${this.targetName}.${propertyName}: give ${name ?? 'the decorator'} a message that reads on from the field's name, like 'must be a whole number'`,
    );
  }
}
