import { sql } from 'drizzle-orm'
import { getTableConfig, type MySqlTable } from 'drizzle-orm/mysql-core'
import type { TableFacts } from '../shared/engine.ts'
import type { MysqlDb } from './db.ts'

export async function describeMysql(db: MysqlDb, table: MySqlTable): Promise<TableFacts> {
  const { schema, name } = getTableConfig(table)
  const isIt = sql`table_schema = ${schema ?? sql`database()`} and table_name = ${name}`
  const columns = await db
    .select({ name: sql<string>`column_name` })
    .from(sql`information_schema.columns`)
    .where(isIt)
  const indexes = await db
    .select({
      unique: sql<boolean>`min(non_unique) = 0`.mapWith(Boolean),
      columns: sql<string>`group_concat(column_name order by seq_in_index)`,
    })
    .from(sql`information_schema.statistics`)
    .where(sql`${isIt} and sub_part is null`)
    .groupBy(sql`index_name`)
  return {
    columns: columns.map((column) => column.name),
    indexes: indexes.map(({ unique, columns }) => ({ unique, columns: columns.split(',') })),
  }
}

/** Returns which part of the SQL mode would truncate a value, or escape it wrongly. */
export async function findUnsafeMode(db: MysqlDb): Promise<string | null> {
  const rows = await db.select({ mode: sql<string>`@@sql_mode` }).from(sql`(select 1) as one`)
  const modes = new Set(rows[0]?.mode.split(','))
  if (modes.has('NO_BACKSLASH_ESCAPES')) {
    return 'The sql_mode NO_BACKSLASH_ESCAPES makes mysql2 escape values wrongly. Remove it on these connections.'
  }
  if (modes.has('STRICT_TRANS_TABLES') || modes.has('STRICT_ALL_TABLES')) return null
  return 'Without STRICT_TRANS_TABLES in sql_mode the database truncates long values. Set it on these connections.'
}
