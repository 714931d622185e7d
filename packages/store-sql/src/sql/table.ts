import { raw, type Sql } from 'sql-template-tag'

/** Where a table is, when it is not where the migrations put it. */
export interface TableName {
  readonly name: string
  /** @default the first of the connection's search path that has the table */
  readonly schema?: string
  /** The columns with another name than in the migrations, by the names of the fields, such as `userId`. */
  readonly columns?: Readonly<Record<string, string>>
}

/** A table with the names of its fields' columns. */
export interface Table<Field extends string> {
  readonly at: TableName
  /** For `from`, `into` and `update`. */
  readonly sql: Sql
  /** The column as a name within its table, for lists of columns. */
  bare(field: Field): Sql
  /** The column with the name of its table, for conditions. */
  column(field: Field): Sql
  /** The name of the column as the database has it. */
  nameOf(field: string): string
}

/** Quotes names with this character. */
export function table<Field extends string>(at: TableName, quote: '"' | '`'): Table<Field> {
  const quoted = (name: string) => `${quote}${name.replaceAll(quote, quote + quote)}${quote}`
  const nameOf = (field: string) => at.columns?.[field] ?? snakeCase(field)
  return {
    at,
    sql: raw([at.schema, at.name].flatMap((part) => (part ? [quoted(part)] : [])).join('.')),
    bare: (field) => raw(quoted(nameOf(field))),
    column: (field) => raw(`${quoted(at.name)}.${quoted(nameOf(field))}`),
    nameOf,
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
