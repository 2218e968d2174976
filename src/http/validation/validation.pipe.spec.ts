import { parse } from 'node:querystring';
import type { ArgumentMetadata, Type as ClassOf } from '@nestjs/common';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsInt, IsOptional, IsString, Min } from 'class-validator';
import { IsIntegerBetween } from './is-integer-between.decorator';
import { UnsupportedMediaTypeError, ValidationError } from './request-errors';
import { MAX_FAULTS, RequestPipe } from './validation.pipe';

const UNKNOWN = 'is not a field of this request';

class OrderBody {
  @Min(1, { message: 'must be positive' })
  @IsInt({ message: 'must be an integer' })
  id!: number;

  @IsOptional()
  @IsIntegerBetween(1, 9, { each: true })
  @ArrayMaxSize(100, { message: 'must contain at most 100 items' })
  @IsArray({ message: 'must be an array' })
  items?: number[];
}

class ListQuery {
  @IsOptional()
  @Type(() => Number)
  @IsIntegerBetween(1, 100)
  limit: number = 20;

  @IsOptional()
  @IsString({ message: 'must be a string' })
  cursor?: string;
}

const pipe = new RequestPipe();

function body(value: unknown, metatype: ClassOf = OrderBody): unknown {
  return pipe.transform(value, { type: 'body', metatype });
}

/** Runs a query string through the pipe as Express parses it. */
function query(text: string): unknown {
  return pipe.transform(parse(text), { type: 'query', metatype: ListQuery });
}

function faultsOf(run: () => unknown): readonly (readonly [string, string])[] {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return error.errors.map(({ pointer, message }) => [pointer, message] as const);
  }
  return [];
}

describe('RequestPipe on bodies', () => {
  it('returns an instance of the DTO', () => {
    const dto = body({ id: 2, items: [1, 9] });
    expect(dto).toBeInstanceOf(OrderBody);
    expect(dto).toEqual({ id: 2, items: [1, 9] });
  });

  it('reports one fault for each field, by its lowest decorator, and one for each invalid element', () => {
    expect(faultsOf(() => body({ id: 'x', items: [0, 9, 2.5, null] }))).toEqual([
      ['/id', 'must be an integer'],
      ['/items/0', 'must be an integer from 1 to 9'],
      ['/items/2', 'must be an integer from 1 to 9'],
      ['/items/3', 'must be an integer from 1 to 9'],
    ]);
    expect(faultsOf(() => body({ id: 0 }))).toEqual([['/id', 'must be positive']]);
  });

  it('does not check the elements of a list that is invalid itself', () => {
    const items = Array.from({ length: 101 }, () => 'x');
    expect(faultsOf(() => body({ id: 1, items }))).toEqual([
      ['/items', 'must contain at most 100 items'],
    ]);
    expect(faultsOf(() => body({ id: 1, items: { length: 1 } }))).toEqual([
      ['/items', 'must be an array'],
    ]);
  });

  it('refuses unknown fields by their JSON pointer', () => {
    expect(faultsOf(() => body({ id: 1, 'a/b~c': 1, '': 2 }))).toEqual([
      ['/a~1b~0c', UNKNOWN],
      ['/', UNKNOWN],
    ]);
  });

  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])('refuses %s', (name) => {
    for (const value of [null, 1, { items: 'x' }, { prototype: {} }]) {
      const source: unknown = JSON.parse(`{"id": 1, "${name}": ${JSON.stringify(value)}}`);
      expect(faultsOf(() => body(source))).toEqual([[`/${name}`, UNKNOWN]]);
    }
  });

  it('copies no field from a prototype', () => {
    expect(faultsOf(() => body(Object.create({ id: 1 })))).toEqual([['/id', 'must be an integer']]);
  });

  it('lists at most 20 faults', () => {
    const unknown = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`f${n}`, n]));
    expect(faultsOf(() => body({ id: 0, ...unknown }))).toHaveLength(MAX_FAULTS);
    const items = Array.from({ length: 100 }, () => 'x');
    expect(faultsOf(() => body({ id: 0, items, ...unknown }))).toHaveLength(MAX_FAULTS);
  });

  it('reads no element of a list of thousands', () => {
    const items = new Proxy(new Array<number>(30_000).fill(1), {
      get: (list, name, receiver): unknown => {
        if (typeof name === 'string' && /^\d/.test(name)) throw new Error(`read ${name}`);
        return Reflect.get(list, name, receiver);
      },
    });
    expect(faultsOf(() => body({ id: 1, items }))).toHaveLength(1);
  });

  it('distinguishes a body of another type from one that is not an object', () => {
    expect(() => body(undefined)).toThrow(UnsupportedMediaTypeError);
    for (const value of [null, [], [{ id: 1 }], 'text', 1, true]) {
      expect(faultsOf(() => body(value))).toEqual([['', 'must be an object']]);
    }
  });

  it('refuses a field that is declared without a decorator', () => {
    class Forgotten extends OrderBody {
      note?: string;
    }
    expect(faultsOf(() => body({ id: 1, note: 'x' }, Forgotten))).toHaveLength(1);
  });
});

describe('RequestPipe on queries', () => {
  it('converts text as the DTO says, and keeps defaults', () => {
    expect(query('limit=5&cursor=5')).toEqual({ limit: 5, cursor: '5' });
    expect(query('')).toEqual({ limit: 20 });
    expect(query('')).toBeInstanceOf(ListQuery);
  });

  it('refuses a value that is invalid, sent twice, or unknown', () => {
    expect(faultsOf(() => query('limit=x&cursor=a&cursor=b&page=2'))).toEqual([
      ['/limit', 'must be an integer from 1 to 100'],
      ['/cursor', 'must be a string'],
      ['/page', UNKNOWN],
    ]);
    expect(faultsOf(() => query('limit=1&limit=2'))).toHaveLength(1);
    expect(faultsOf(() => query('limit=101'))).toHaveLength(1);
    expect(faultsOf(() => query('__proto__=1'))).toEqual([['/__proto__', UNKNOWN]]);
  });
});

describe('RequestPipe on other parameters', () => {
  it.each<ArgumentMetadata>([
    { type: 'param', metatype: Number },
    { type: 'query', metatype: String },
    { type: 'custom', metatype: OrderBody },
    { type: 'body' },
  ])('returns the value as it is: %j', (metadata) => {
    expect(pipe.transform('text', metadata)).toBe('text');
  });
});
