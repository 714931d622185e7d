import sql, { join } from 'sql-template-tag'
import { map } from '../port.ts'
import { json, numbers, sealed } from '../sql/codecs.ts'
import { finished } from '../sql/dialect.ts'
import type { Returning } from '../sql/sessions.ts'
import type { SomeKeys } from '../sql/ttl.ts'

export const sqlite: Returning = {
  quote: '"',
  text: (statement) => statement.sql,
  codecs: { integer: numbers, time: numbers, sealed, json },
  larger: 'max',
  smaller: 'min',
  jsonValue: (value) => value,
  jsonArray: 'json_array',
  jsonText: (array) => array,
  // SQLite takes the joined bytes for text, but does not change them.
  joined: (columns) =>
    sql`cast(${join(
      columns.map((column) => sql`coalesce(${column}, x'')`),
      ' || ',
    )} as blob)`,
  equal: (column, value) => sql`${column} = ${value}`,
  byteOrder: (column) => column,
  // Without statistics, SQLite's planner prefers the index on two columns, that of cleanup, to a user's.
  unindexed: (column) => sql`+${column}`,
  every: (_, where) => where,
  some: (t, where, limit) => {
    const id = t.column('id')
    return sql`${id} in (select ${id} from ${t.sql} where ${where} limit ${limit})`
  },
  chosen: (t, ids) => sql`${t.column('id')} in (${ids})`,
  // There is no OFFSET without a LIMIT.
  skip: (rows) => sql`limit -1 offset ${rows}`,
  // One writer at a time: what is free as it begins is free until it ends (STO-12).
  capped(client, t, { id }, insert, evict) {
    const isFree = sql`not exists (select 1 from ${t.sql} where ${t.column('id')} = ${id})`
    const statements = [evict(isFree), insert].map((statement) => finished(sqlite, statement))
    return map(client.batch(statements), (results) => results.flat())
  },
}

export const someKeys: SomeKeys = (t, where, limit) => {
  const key = t.column('key')
  return sql`${key} in (select ${key} from ${t.sql} where ${where} limit ${limit})`
}
