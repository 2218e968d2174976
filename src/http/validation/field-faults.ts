import type { ValidationError } from 'class-validator';
import type { FieldError } from '../../common/domain-error';
import type { ElementContext } from './is-integer-between.decorator';
import { pointerTo } from './json-pointer';

/**
 * What class-validator found wrong with one field, as the API reports it: the field, or each invalid element of it.
 *
 * @param error of a field that was validated up to its first fault
 * @param limit the most faults to return
 */
export function faultsOf(error: ValidationError, limit: number): readonly FieldError[] {
  const { property, constraints = {} } = error;
  const value: unknown = error.value;
  const pointer = pointerTo('', property);
  const [constraint = '', message = 'is invalid'] = Object.entries(constraints)[0] ?? [];
  const contexts: Readonly<Record<string, ElementContext>> = error.contexts ?? {};
  const isValid = contexts[constraint]?.isValid;
  if (isValid === undefined || !Array.isArray(value)) return [{ pointer, message }];
  const faults: FieldError[] = [];
  for (let index = 0; index < value.length && faults.length < limit; index += 1) {
    if (!isValid(value[index])) faults.push({ pointer: pointerTo(pointer, index), message });
  }
  return faults;
}
