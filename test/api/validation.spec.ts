import * as fc from 'fast-check';
import { MAX_ID } from '../../src/common/max-id';
import { ValidationError } from '../../src/http/validation/request-errors';
import { MAX_FAULTS, RequestPipe } from '../../src/http/validation/validation.pipe';
import { CreateOrderDto, MAX_ITEMS } from '../../src/orders/dto/create-order.dto';
import { ANY, ID, MONEY, listOf, objects } from '../support/json-texts';

const ORDERS = objects({
  user_id: ID,
  item_ids: fc.oneof(
    listOf(fc.oneof(ID, { weight: 9, arbitrary: fc.constant('3') }), 102),
    listOf(fc.oneof({ weight: 9, arbitrary: ID }, ANY), 6),
  ),
  total_amount: MONEY,
});

const pipe = new RequestPipe();

/** The pointers of the faults; undefined for a valid body. */
function pointersOf(source: object): readonly string[] | undefined {
  try {
    const dto = pipe.transform(source, { type: 'body', metatype: CreateOrderDto });
    expect(dto).toBeInstanceOf(CreateOrderDto);
    expect({ ...(dto as object) }).toEqual(source);
    return undefined;
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return error.errors.map(({ pointer }) => pointer);
  }
}

const isId = (value: unknown) =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_ID;

/** The same rules once more, written as the API's documentation states them. */
function expectedPointers(source: object): readonly string[] {
  const { user_id: userId, item_ids: items, total_amount: total, ...others } = fieldsOf(source);
  const pointers: string[] = [];
  if (!isId(userId)) pointers.push('/user_id');
  if (!Array.isArray(items) || items.length < 1 || items.length > MAX_ITEMS) {
    pointers.push('/item_ids');
  } else {
    items.forEach((item, index) => {
      if (!isId(item)) pointers.push(`/item_ids/${index}`);
    });
  }
  // At most two decimals: the shortest text of the number has no more, and no exponent.
  const isMoney = typeof total === 'number' && /^\d{1,10}(\.\d{1,2})?$/.test(String(total));
  if (!isMoney) pointers.push('/total_amount');
  const unknown = Object.keys(others).map(
    (name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
  );
  return [...pointers, ...unknown].slice(0, MAX_FAULTS);
}

/** Own members only, without a prototype that could lend any. */
function fieldsOf(source: object): Record<string, unknown> {
  const fields = Object.create(null) as Record<string, unknown>;
  return Object.defineProperties(fields, Object.getOwnPropertyDescriptors(source));
}

describe('the validation of create_order', () => {
  it('finds in any JSON object exactly the faults that the documentation names', () => {
    fc.assert(
      fc.property(ORDERS, (text) => {
        const source = JSON.parse(text) as object;
        expect(pointersOf(source) ?? []).toEqual(expectedPointers(source));
      }),
      { numRuns: 3_000 },
    );
  });

  it('is tested with enough valid bodies', () => {
    const sample = fc.sample(ORDERS, 1_000).map((text) => JSON.parse(text) as object);
    expect(sample.filter((source) => pointersOf(source) === undefined).length).toBeGreaterThan(50);
  });
});
