import type { MysqlClient } from '../port.ts'
import type { TableName } from '../sql/table.ts'
import type { TableFacts } from '../store/engine.ts'

const IS_IT = 'table_schema = coalesce(?, database()) and table_name = ?'
const COLUMNS = `select column_name from information_schema.columns where ${IS_IT}`
const INDEXES = `select min(non_unique) = 0, group_concat(column_name order by seq_in_index)
  from information_schema.statistics where ${IS_IT} and sub_part is null group by index_name`

export async function describeMysql(
  { query }: MysqlClient,
  { schema, name }: TableName,
): Promise<TableFacts> {
  const values = [schema ?? null, name]
  const columns = await query(COLUMNS, values)
  const indexes = await query(INDEXES, values)
  return {
    columns: columns.rows.map(([name]) => String(name)),
    indexes: indexes.rows.map(([unique, names]) => ({
      unique: Number(unique) === 1,
      columns: String(names).split(','),
    })),
  }
}

/** Returns which part of the SQL mode would truncate a value, or escape it wrongly. */
export async function findUnsafeMode({ query }: MysqlClient): Promise<string | null> {
  const { rows } = await query('select @@sql_mode', [])
  const modes = new Set(String(rows[0]?.[0]).split(','))
  if (modes.has('NO_BACKSLASH_ESCAPES')) {
    return 'The sql_mode NO_BACKSLASH_ESCAPES makes mysql2 escape values wrongly. Remove it on these connections.'
  }
  if (modes.has('STRICT_TRANS_TABLES') || modes.has('STRICT_ALL_TABLES')) return null
  return 'Without STRICT_TRANS_TABLES in sql_mode the database truncates long values. Set it on these connections.'
}
