import { ValidateBy, type ValidationOptions } from 'class-validator';

/** Passed with each validation error of a field whose elements are checked one by one. */
export interface ElementContext {
  readonly isValid: (element: unknown) => boolean;
}

/**
 * An integer within bounds, both included.
 *
 * @param options `each`: the field is a list of such integers. class-validator reports then that some element is
 *   invalid, but not which; the check in the context finds them.
 */
export function IsIntegerBetween(
  min: number,
  max: number,
  { each = false }: Pick<ValidationOptions, 'each'> = {},
): PropertyDecorator {
  const isValid = (value: unknown) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
  const context: ElementContext | undefined = each ? { isValid } : undefined;
  return ValidateBy(
    {
      name: 'isIntegerBetween',
      validator: {
        validate: isValid,
        defaultMessage: () => integerMessage(min, max),
      },
    },
    { each, context },
  );
}

export function integerMessage(min: number, max: number): string {
  return `must be an integer from ${min} to ${max}`;
}
