import { type Answer, map, type SqlClient } from '../port.ts'
import type { TableName } from '../sql/table.ts'
import type { TableFacts } from '../store/engine.ts'

const COLUMNS = 'select name from pragma_table_xinfo(?)'
const INDEXES = `select i."unique", (select group_concat(name) from (
  select name from pragma_index_info(i.name) order by seqno))
  from pragma_index_list(?) i where i.partial = 0`

export function describeSqlite(client: SqlClient, { name }: TableName): Answer<TableFacts> {
  return map(client.query(COLUMNS, [name]), (columns) =>
    map(client.query(INDEXES, [name]), (indexes) => ({
      columns: columns.map(([name]) => String(name)),
      indexes: indexes.map(([unique, names]) => ({
        unique: unique === 1,
        columns: String(names).split(','),
      })),
    })),
  ) as Answer<TableFacts>
}
