import sql, { join } from 'sql-template-tag'
import { json, numbers, sealed } from '../sql/codecs.ts'
import type { Dialect } from '../sql/dialect.ts'

export const mysql: Dialect = {
  quote: '`',
  text: (statement) => statement.sql,
  codecs: { integer: numbers, time: numbers, sealed, json },
  larger: 'greatest',
  smaller: 'least',
  jsonValue: (value) => value,
  jsonArray: 'json_array',
  jsonText: (array) => array,
  joined: (columns) => sql`concat(${join(columns.map((column) => sql`coalesce(${column}, x'')`))})`,
  // Even the `_bin` collations ignore trailing spaces in comparisons.
  equal: (column, value) => sql`(${column} = ${value} and char_length(${column}) = char_length(${value}))`,
  byteOrder: (column) => column,
  unindexed: (column) => column,
}
