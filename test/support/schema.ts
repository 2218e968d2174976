import { sql } from './process-scene';

/** Everything that a migration may create, as PostgreSQL's own catalog describes it. */
const SCHEMA = `
  SELECT 'column' AS kind, c.table_name || '.' || c.column_name AS name,
    concat_ws(' ', c.ordinal_position, format_type(a.atttypid, a.atttypmod), c.is_nullable, c.column_default,
      c.is_identity, c.identity_generation) AS definition
  FROM information_schema.columns c
  JOIN pg_attribute a ON a.attrelid = c.table_name::regclass AND a.attname = c.column_name
  WHERE c.table_schema = 'public'
  UNION ALL
  SELECT 'relation', relname, concat_ws(' ', relkind, reloptions::text)
  FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL
  SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL
  SELECT 'constraint', conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL
  SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL
  SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc
  WHERE pronamespace = 'public'::regnamespace
  UNION ALL
  SELECT 'type', t.typname, string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder)
  FROM pg_type t LEFT JOIN pg_enum e ON e.enumtypid = t.oid
  WHERE t.typnamespace = 'public'::regnamespace GROUP BY t.oid, t.typname
  ORDER BY 1, 2, 3`;

/** The schema of a database, one row for each thing in it. */
export function schemaOf(databaseUrl: string): Promise<Record<string, unknown>[]> {
  return sql(databaseUrl, SCHEMA);
}
