import { parse } from 'node:querystring';
import type { ArgumentMetadata, Type as ClassOf } from '@nestjs/common';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { ValidateBy, ValidateNested, getMetadataStorage } from 'class-validator';
import { UnsupportedMediaTypeError, ValidationError } from './request-errors';
import { RequestPipe } from './validation.pipe';

class OrderBody {
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must not be less than 1' })
  id!: number;

  @IsOptional()
  @IsArray({ message: 'must be a list' })
  @ArrayMaxSize(100, { message: 'must hold at most 100' })
  @IsInt({ each: true, message: 'must be a whole number' })
  @Max(9, { each: true, message: 'must not be greater than 9' })
  items?: number[];
}

class ListQuery {
  @IsOptional()
  @Type(() => Number)
  @IsInt({ message: 'must be a whole number' })
  @Max(100, { message: 'must not be greater than 100' })
  limit: number = 20;

  @IsOptional()
  @IsString({ message: 'must be text' })
  cursor?: string;
}

const pipe = new RequestPipe();

function body(value: unknown, metatype: ClassOf = OrderBody): unknown {
  return pipe.transform(value, { type: 'body', metatype });
}

/** What Express makes of a query string, run through the pipe. */
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
  it('makes an instance of the DTO, at once', () => {
    const dto = body({ id: 2, items: [1, 9] });
    expect(dto).toBeInstanceOf(OrderBody);
    expect(dto).toEqual({ id: 2, items: [1, 9] });
  });

  it('names one fault for each place, and the place of an element', () => {
    expect(faultsOf(() => body({ id: 'x', items: [1, 10, 2.5, null] }))).toEqual([
      ['/id', 'must be a whole number'],
      ['/items/1', 'must not be greater than 9'],
      ['/items/2', 'must be a whole number'],
      ['/items/3', 'must be a whole number'],
    ]);
  });

  it('does not look at the elements of a list that is at fault itself', () => {
    const items = Array.from({ length: 101 }, () => 'x');
    expect(faultsOf(() => body({ id: 1, items }))).toEqual([['/items', 'must hold at most 100']]);
  });

  it('refuses unknown fields by their JSON pointer', () => {
    expect(faultsOf(() => body({ id: 1, 'a/b~c': 1, '': 2 }))).toEqual([
      ['/a~1b~0c', 'is not a field of this request'],
      ['/', 'is not a field of this request'],
    ]);
  });

  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])('refuses %s', (name) => {
    const source: unknown = JSON.parse(`{"id": 1, "${name}": {"items": "x"}}`);
    expect(faultsOf(() => body(source))).toEqual([[`/${name}`, 'is not a field of this request']]);
  });

  it('takes no field from a prototype', () => {
    expect(faultsOf(() => body(Object.create({ id: 1 })))).toEqual([
      ['/id', 'must be a whole number'],
    ]);
  });

  it('lists no more than twenty faults', () => {
    const unknown = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`f${n}`, n]));
    expect(faultsOf(() => body({ id: 0, ...unknown }))).toHaveLength(20);
    const items = Array.from({ length: 100 }, () => 'x');
    expect(faultsOf(() => body({ id: 0, items, ...unknown }))).toHaveLength(20);
  });

  it('tells a body of another type from one that is no object', () => {
    expect(() => body(undefined)).toThrow(UnsupportedMediaTypeError);
    for (const value of [null, [], [{ id: 1 }], 'text', 1, true]) {
      expect(faultsOf(() => body(value))).toEqual([['', 'must be an object']]);
    }
  });

  it('reads the decorators of a class once', () => {
    class Once extends OrderBody {}
    const read = jest.spyOn(getMetadataStorage(), 'getTargetValidationMetadatas');
    body({ id: 1 }, Once);
    body({ id: 2 }, Once);
    expect(read).toHaveBeenCalledTimes(1);
    read.mockRestore();
  });
});

describe('RequestPipe on queries', () => {
  it('converts text as the DTO says, and keeps defaults', () => {
    expect(query('limit=5&cursor=5')).toEqual({ limit: 5, cursor: '5' });
    expect(query('')).toEqual({ limit: 20 });
    expect(query('')).toBeInstanceOf(ListQuery);
  });

  it('refuses what does not fit, is given twice, or is unknown', () => {
    expect(faultsOf(() => query('limit=x&cursor=a&cursor=b&page=2'))).toEqual([
      ['/limit', 'must be a whole number'],
      ['/cursor', 'must be text'],
      ['/page', 'is not a field of this request'],
    ]);
    expect(faultsOf(() => query('limit=101'))).toEqual([
      ['/limit', 'must not be greater than 100'],
    ]);
    expect(faultsOf(() => query('__proto__=1'))).toHaveLength(1);
  });
});

describe('RequestPipe on other parameters', () => {
  it.each<ArgumentMetadata>([
    { type: 'param', metatype: Number },
    { type: 'query', metatype: String },
    { type: 'custom', metatype: OrderBody },
    { type: 'body' },
  ])('leaves the value alone: %j', (metadata) => {
    expect(pipe.transform('text', metadata)).toBe('text');
  });
});

describe('RequestPipe on a DTO that it cannot follow', () => {
  class Nested {
    @ValidateNested()
    inner!: OrderBody;
  }
  class Worded {
    @IsInt()
    id!: number;
  }
  class Asynchronous {
    @ValidateBy({ name: 'slow', async: true, validator: { validate: () => Promise.resolve(true) } })
    id!: number;
  }
  class SecretlyAsynchronous {
    @ValidateBy(
      { name: 'slow', validator: { validate: () => Promise.resolve(true) } },
      { message: 'is refused' },
    )
    id!: number;
  }

  it.each([
    [Nested, 'Nested.inner'],
    [Worded, 'Worded.id: give isInt a message'],
    [Asynchronous, 'Asynchronous.id'],
  ])('throws: %p', (metatype, message) => {
    expect(() => body({ id: 1 }, metatype)).toThrow(message);
    expect(() => body({ id: 1 }, metatype)).toThrow(TypeError);
  });

  it('takes a promise for a no', () => {
    expect(faultsOf(() => body({ id: 1 }, SecretlyAsynchronous))).toEqual([['/id', 'is refused']]);
  });
});
