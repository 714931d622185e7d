import { getTableName, sql, type Table } from 'drizzle-orm'
import type { TableFacts } from '../shared/engine.ts'
import type { SqliteDb } from './db.ts'

export function describeSqlite(db: SqliteDb, table: Table): TableFacts {
  const columns = db
    .select({ name: sql<string>`name` })
    .from(sql`pragma_table_xinfo(${getTableName(table)})`)
    .all()
  const indexColumns = sql<string>`(select group_concat(name) from (
    select name from pragma_index_info(i.name) order by seqno))`
  const indexes = db
    .select({ unique: sql<number>`i."unique"`, columns: indexColumns })
    .from(sql`pragma_index_list(${getTableName(table)}) i`)
    .where(sql`i.partial = 0`)
    .all()
  return {
    columns: columns.map((column) => column.name),
    indexes: indexes.map(({ unique, columns }) => ({ unique: unique === 1, columns: columns.split(',') })),
  }
}
