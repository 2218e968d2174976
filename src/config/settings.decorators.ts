import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsNumber, Matches, Max, Min } from 'class-validator';

/** A whole number from `min` to `max`. */
export function Whole(min: number, max: number): PropertyDecorator {
  const message = `takes a whole number from ${min} to ${max}`;
  return applyDecorators(
    ToNumber(),
    IsInt({ message }),
    Min(min, { message }),
    Max(max, { message }),
  );
}

/** A duration in whole milliseconds, up to one day unless told otherwise: longer ones are typing errors. */
export function Milliseconds(min: number, max = 86_400_000): PropertyDecorator {
  const message = `takes whole milliseconds from ${min} to ${max}`;
  return applyDecorators(
    ToNumber(),
    IsInt({ message }),
    Min(min, { message }),
    Max(max, { message }),
  );
}

/** A number from 0 to 1. */
export function Fraction(): PropertyDecorator {
  const message = 'takes a number from 0 to 1';
  return applyDecorators(
    ToNumber(),
    IsNumber({}, { message }),
    Min(0, { message }),
    Max(1, { message }),
  );
}

/** `true` or `false`, in these words. */
export function Flag(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      value === 'true' ? true : value === 'false' ? false : value,
    ),
    IsBoolean({ message: 'takes true or false' }),
  );
}

/** One of the given words. */
export function OneOf(words: readonly string[]): PropertyDecorator {
  return IsIn(words, { message: `takes one of: ${words.join(', ')}` });
}

/** An address of one of the given schemes, e.g. `postgres://user@host/name`. */
export function Address(...schemes: string[]): PropertyDecorator {
  return Matches(new RegExp(`^(${schemes.join('|')})://[^\\s]+$`), {
    message: `takes an address that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });
}

/** Text that is no number stays as it is, so that the validator refuses it rather than a NaN. */
function ToNumber(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value,
  );
}
