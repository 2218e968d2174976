import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsNumber, Matches, Max, Min } from 'class-validator';

/** The default longest duration, one day: a longer one is most likely a typing error. */
const DAY_MS = 86_400_000;

/** An integer from `min` to `max`, both included. */
export function Integer(min: number, max: number): PropertyDecorator {
  return integerWithin(min, max, `must be an integer from ${min} to ${max}`);
}

/** A duration in whole milliseconds from `min` to `max`, both included. */
export function Milliseconds(min: number, max = DAY_MS): PropertyDecorator {
  return integerWithin(min, max, `must be an integer from ${min} to ${max}, in milliseconds`);
}

/** A number from 0 to 1, both included. */
export function Fraction(): PropertyDecorator {
  const message = 'must be a number from 0 to 1';
  return applyDecorators(
    ToNumber(),
    IsNumber({}, { message }),
    Min(0, { message }),
    Max(1, { message }),
  );
}

/** `true` or `false`, spelled exactly so. */
export function Flag(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      value === 'true' ? true : value === 'false' ? false : value,
    ),
    IsBoolean({ message: 'must be true or false' }),
  );
}

/** One of the given words, spelled exactly so. */
export function OneOf(words: readonly string[]): PropertyDecorator {
  return IsIn(words, { message: `must be one of ${words.join(', ')}` });
}

/** A URL with one of the given schemes, e.g. `postgres://user@host/name`, without white space. */
export function Url(...schemes: string[]): PropertyDecorator {
  const starts = schemes.map((scheme) => `${scheme}://`).join(' or ');
  return Matches(new RegExp(`^(${schemes.join('|')})://[^\\s]+$`), {
    message: `must be a URL that starts with ${starts}`,
  });
}

function integerWithin(min: number, max: number, message: string): PropertyDecorator {
  return applyDecorators(
    ToNumber(),
    IsInt({ message }),
    Min(min, { message }),
    Max(max, { message }),
  );
}

/** Text that is not a number stays text, so that the validators reject it. */
function ToNumber(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value,
  );
}
