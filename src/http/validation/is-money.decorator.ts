import { ValidateBy } from 'class-validator';
import { MAX_CENTS, toCents } from '../../common/money';

/** An amount of money: a number from 0 to 9999999999.99 with at most two decimals. */
export function IsMoney(): PropertyDecorator {
  return ValidateBy({
    name: 'isMoney',
    validator: {
      validate: (value: unknown) => toCents(value) !== undefined,
      defaultMessage: () =>
        `must be a number from 0 to ${MAX_CENTS / 100} with at most two decimals`,
    },
  });
}
