import sql, { type Sql } from 'sql-template-tag'
import type { SqlStatement } from '../port.ts'
import { type Codecs, type ColumnType, encode } from './codecs.ts'

/** Where the SQL of engines differs. */
export interface Dialect {
  readonly quote: '"' | '`'
  /** The text of a statement with the placeholders of the engine. */
  text(statement: Sql): string
  readonly codecs: Codecs
  /** The functions for the larger and the smaller of two values. */
  readonly larger: string
  readonly smaller: string
  /** The value of a JSON column. */
  readonly jsonValue: (value: Sql) => Sql
  /** The function that makes a JSON array of its arguments, and the array as text for the driver. */
  readonly jsonArray: string
  readonly jsonText: (array: Sql) => Sql
  /** The bytes of these columns, one after the other; the codec of `sealed` reads them. */
  readonly joined: (columns: readonly Sql[]) => Sql
  /** Equality of all characters, including trailing spaces. */
  equal(column: Sql, value: string): Sql
  /** The column in byte order, for sorting. */
  byteOrder(column: Sql): Sql
  /** The column, so that the planner cannot choose an index by it. */
  unindexed(column: Sql): Sql
}

/** The value that a prepared statement gets under this name when it runs. */
class Slot {
  readonly name: string
  readonly type: ColumnType

  constructor(name: string, type: ColumnType) {
    this.name = name
    this.type = type
  }
}

export const slot = (name: string, type: ColumnType): Sql => sql`${new Slot(name, type)}`

/** A statement that is written once: the function takes the values of its slots. */
export function prepared(
  dialect: Dialect,
  statement: Sql,
): (values: Readonly<Record<string, unknown>>) => SqlStatement {
  const text = dialect.text(statement)
  const slots = statement.values as readonly Slot[]
  return (values) => ({
    text,
    values: slots.map(({ name, type }) => encode(dialect.codecs, type, values[name])),
  })
}

/** A statement whose values are known. */
export function finished(dialect: Dialect, statement: Sql): SqlStatement {
  return { text: dialect.text(statement), values: statement.values as SqlStatement['values'] }
}

/** Prepared statements by the fields they write, made on first use. Past the limit it starts afresh rather than grow. */
export function byFields<Name extends string, T>(make: (fields: readonly Name[]) => T, limit = 64) {
  const made = new Map<string, T>()
  return (values: Partial<Readonly<Record<Name, unknown>>>): T => {
    const fields = (Object.keys(values) as Name[]).sort()
    const key = fields.join()
    const found = made.get(key) ?? make(fields)
    if (made.size >= limit) made.clear()
    made.set(key, found)
    return found
  }
}
