import { type Column, type Placeholder, type SQL, sql } from 'drizzle-orm'
import { ROW_FIELDS, type SessionRow } from './record.ts'

/** The value a prepared statement gets under this name when it runs, in the column's own form. */
export function slot(column: Column, name: string): SQL {
  return sql`${sql.param(sql.placeholder(name), column)}`
}

/** A slot for each column of a new session. */
export const insertSlots = () =>
  Object.fromEntries(ROW_FIELDS.map((name) => [name, sql.placeholder(name)])) as Record<
    keyof SessionRow,
    Placeholder
  >

/** Slots for these columns, under their own names. */
export function updateSlots<Name extends string>(
  columns: Readonly<Record<Name, Column>>,
  names: readonly Name[],
): Record<string, SQL> {
  return Object.fromEntries(names.map((name) => [name, slot(columns[name], name)]))
}

/** Statements by the fields they write, made on first use. Past the limit it starts afresh rather than grow. */
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
