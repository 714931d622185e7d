import type { SqlClient } from '../port.ts'
import type { TableName } from '../sql/table.ts'
import type { TableFacts } from '../store/engine.ts'

const COLUMNS = `select attname::text from pg_attribute
  where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`
const INDEXES = `select i.indisunique::int, (
    select string_agg(a.attname, ',' order by k.place)
    from unnest(i.indkey::int2[]) with ordinality as k(attnum, place)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum)
  from pg_index i where i.indrelid = to_regclass($1) and i.indisvalid and i.indpred is null`

export async function describePostgres(client: SqlClient, { schema, name }: TableName): Promise<TableFacts> {
  const at = [schema, name].flatMap((part) => (part ? [`"${part}"`] : [])).join('.')
  const columns = await client.query(COLUMNS, [at])
  const indexes = await client.query(INDEXES, [at])
  return {
    columns: columns.map(([name]) => String(name)),
    indexes: indexes.map(([unique, names]) => ({
      unique: Number(unique) === 1,
      columns: String(names).split(','),
    })),
  }
}
