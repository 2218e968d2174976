import type { CustomTypesConfig, QueryResultRow } from 'pg';
import { types } from 'pg';

/**
 * A statement that PostgreSQL parses and plans once a connection, under its name. Parameters and row belong to the
 * statement: `Params` is the tuple of `$1`, `$2`, ..., `Row` what each row looks like with the parsers of
 * {@link STATEMENT_TYPES}.
 */
export class Statement<Params extends readonly unknown[], Row extends QueryResultRow> {
  declare protected readonly shape: { readonly params: Params; readonly row: Row };

  constructor(
    readonly name: string,
    readonly text: string,
  ) {}
}

type GetTypeParser = typeof types.getTypeParser;
type Oid = Parameters<GetTypeParser>[0];

/** How the results of statements are parsed: as pg does it by default, and a bigint as a number. */
export const STATEMENT_TYPES: CustomTypesConfig = {
  getTypeParser: ((oid: Oid, format?: 'text'): unknown =>
    oid === types.builtins.INT8 ? parseId : types.getTypeParser(oid, format)) as GetTypeParser,
};

/**
 * The ids of orders and events are bigint, and are given out one by one: they stay far below 2^53, up to which a
 * number counts exactly. What may be larger is selected as text.
 *
 * @throws RangeError for a bigint that a number cannot hold exactly
 */
function parseId(text: string): number {
  const id = Number(text);
  if (!Number.isSafeInteger(id)) throw new RangeError(`bigint out of range: ${text}`);
  return id;
}
