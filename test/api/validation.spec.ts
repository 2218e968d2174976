import type { Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { Allow, IsArray, IsDefined, IsIn, IsInt, IsOptional, IsString } from 'class-validator';
import { Matches, MaxLength, Min, ValidateIf, validateSync } from 'class-validator';
import * as fc from 'fast-check';
import { MAX_FAULTS } from '../../src/http/validation/dto-field';
import { ValidationError } from '../../src/http/validation/request-errors';
import { RequestPipe } from '../../src/http/validation/validation.pipe';
import { CreateOrderDto } from '../../src/orders/dto/create-order.dto';
import { ANY, ID, MONEY, ODD, listOf, objects } from '../support/json-texts';

const UNKNOWN = 'is not a field of this request';

class Parent {
  @IsOptional()
  @IsString({ message: 'must be text' })
  @MaxLength(3, { message: 'must be short' })
  note?: string;
}

/** Decorators in all the ways in which class-validator lets them meet. */
class MixedDto extends Parent {
  @IsIn(['a', 'b'], { message: 'must be a or b' })
  kind: string = 'a';

  @ValidateIf((dto: MixedDto) => dto.kind === 'b')
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must not be less than 1', validateIf: (_, value) => value !== -5 })
  amount?: number;

  @Allow()
  anything?: unknown;

  @IsOptional()
  @IsInt({ each: true, message: 'must be a whole number' })
  @Min(1, { each: true, message: 'must not be less than 1' })
  one_or_many?: number | number[];

  @IsDefined({ message: 'must be there' })
  @Matches(/^\d*$/, { message: 'must be digits' })
  digits!: string;

  @IsArray({ message: 'must be a list' })
  @IsString({ each: true, message: 'must be text' })
  @MaxLength(2, { each: true, message: 'must be short' })
  override note: never = [] as never;
}

/** Field by field, every message that may be given for it. */
type Verdict = ReadonlyMap<string, readonly string[]>;

/** What class-validator says, plus what it overlooks: names of its lookup table's own prototype. */
function expectedOf(dto: Type<object>, source: object): Verdict {
  const verdict = new Map<string, string[]>();
  const options = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: false };
  for (const { property, constraints = {} } of validateSync(
    plainToInstance(dto, source),
    options,
  )) {
    const messages = 'whitelistValidation' in constraints ? [UNKNOWN] : Object.values(constraints);
    verdict.set(property, messages);
  }
  for (const key of Object.keys(source)) {
    if (key in Object.prototype) verdict.set(key, [UNKNOWN]);
  }
  return verdict;
}

const pipe = new RequestPipe();

function actualOf(dto: Type<object>, source: object): readonly [string, string][] {
  try {
    pipe.transform(source, { type: 'body', metatype: dto });
    return [];
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return error.errors.map(({ pointer, message }) => [fieldOf(pointer), message]);
  }
}

/** The field that a pointer points at or into. */
function fieldOf(pointer: string): string {
  return (pointer.split('/')[1] ?? '').replaceAll('~1', '/').replaceAll('~0', '~');
}

function expectSameVerdict(dto: Type<object>, text: string): void {
  const source = JSON.parse(text) as object;
  const expected = expectedOf(dto, source);
  const actual = actualOf(dto, source);
  for (const [field, message] of actual) expect(expected.get(field)).toContain(message);
  const fields = new Set(actual.map(([field]) => field));
  if (actual.length < MAX_FAULTS) expect([...fields].sort()).toEqual([...expected.keys()].sort());
}

const ORDERS = objects({
  user_id: ID,
  item_ids: fc.oneof(
    listOf(fc.oneof(ID, { weight: 9, arbitrary: fc.constant('3') }), 102),
    listOf(fc.oneof({ weight: 9, arbitrary: ID }, ANY), 6),
  ),
  total_amount: MONEY,
});

const MIXED = objects({
  note: listOf(fc.oneof(fc.constant('"ab"'), ODD), 3),
  kind: fc.constantFrom('"a"', '"b"'),
  amount: fc.oneof(ID, fc.constantFrom('-5', '0')),
  anything: ANY,
  one_or_many: fc.oneof(ID, listOf(fc.oneof(ID, ODD), 3)),
  digits: fc.constantFrom('"12"', '""'),
});

describe('The compiled checks and class-validator', () => {
  it('agree on orders', () => {
    fc.assert(
      fc.property(ORDERS, (text) => {
        expectSameVerdict(CreateOrderDto, text);
      }),
      { numRuns: 3_000 },
    );
  });

  it('agree on every way in which decorators meet', () => {
    fc.assert(
      fc.property(MIXED, (text) => {
        expectSameVerdict(MixedDto, text);
      }),
      { numRuns: 3_000 },
    );
  });

  it('are tried with enough that fits', () => {
    const sample = fc.sample(ORDERS, 1_000).map((text) => JSON.parse(text) as object);
    const fitting = sample.filter((source) => actualOf(CreateOrderDto, source).length === 0);
    expect(fitting.length).toBeGreaterThan(50);
    for (const source of fitting) {
      const dto = pipe.transform(source, { type: 'body', metatype: CreateOrderDto });
      expect(dto).toEqual(plainToInstance(CreateOrderDto, source));
    }
  });
});
