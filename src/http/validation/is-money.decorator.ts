import { ValidateBy } from 'class-validator';
import { MAX_CENTS, toCents } from '../../common/money';

export const MAX_AMOUNT = MAX_CENTS / 100;

/** An amount of money: a number from 0 to {@link MAX_AMOUNT} with at most two decimals. */
export function IsMoney(): PropertyDecorator {
  return ValidateBy({
    name: 'isMoney',
    validator: {
      validate: (value: unknown) => toCents(value) !== undefined,
      defaultMessage: () => `must be a number from 0 to ${MAX_AMOUNT} with at most two decimals`,
    },
  });
}
