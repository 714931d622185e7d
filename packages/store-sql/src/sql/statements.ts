import sql, { join, raw, type Sql } from 'sql-template-tag'
import {
  encodeField,
  PLAIN_FIELDS,
  ROW_FIELDS,
  ROW_TYPES,
  type RowField,
  SEALED_FIELDS,
  type SessionRow,
} from '../store/record.ts'
import { all, type SessionColumn } from './conditions.ts'
import { byFields, type Dialect, prepared, slot } from './dialect.ts'
import type { Table } from './table.ts'

type Sessions = Table<SessionColumn>

/** What an update writes, by the names of the fields. */
export type Changes = Partial<Readonly<Record<RowField, unknown>>>

/** The statements about one session, each written once. */
export function sessionStatements(t: Sessions, dialect: Dialect) {
  const columns = recordColumns(t, dialect)
  const [id, returning] = [t.bare('id'), sql`returning ${columns}`]
  const { isIt, isUnrevoked } = conditionsOnOne(t)
  const isAtVersion = all(isUnrevoked, sql`${t.column('version')} = ${slot('ifVersion', 'integer')}`)
  const change = (where: Sql) => (fields: readonly RowField[]) =>
    prepared(dialect, sql`update ${t.sql} set ${assignSlots(t, dialect, fields)} where ${where} ${returning}`)
  return {
    insert: prepared(dialect, sql`${insertSlots(t, dialect)} on conflict (${id}) do nothing returning ${id}`),
    find: prepared(dialect, sql`select ${columns} from ${t.sql} where ${isIt}`),
    update: byFields(change(isAtVersion)),
    revoke: byFields(change(isUnrevoked)),
    touch: prepared(dialect, sql`${touch(t, dialect)} returning ${id}`),
    delete: prepared(dialect, sql`delete from ${t.sql} where ${isIt} returning ${id}`),
  }
}

/**
 * What a statement returns of a session: two values, because each value of a row costs the driver more than the database needs
 * to join them.
 */
export function recordColumns(t: Sessions, { jsonArray, jsonText, joined }: Dialect): Sql {
  const arrayOf = (values: readonly Sql[]) => sql`${raw(jsonArray)}(${join(values)})`
  const sealed = SEALED_FIELDS.map(t.bare)
  const lengths = arrayOf(sealed.map((column) => sql`length(${column})`))
  // An array within the array: D1 allows a function 32 arguments.
  return sql`${jsonText(arrayOf([...PLAIN_FIELDS.map(t.bare), lengths]))} as plain, ${joined(sealed)} as sealed`
}

export function conditionsOnOne(t: Sessions) {
  const isIt = sql`${t.column('id')} = ${slot('id', 'text')}`
  return { isIt, isUnrevoked: all(isIt, sql`${t.column('revokedAt')} is null`) }
}

/** Moves both times forward only, and the end not past the absolute limit. */
export function touch(t: Sessions, { larger, smaller }: Dialect): Sql {
  const [accessed, expires, limit] = [
    t.bare('lastAccessedAt'),
    t.bare('expiresAt'),
    t.bare('absoluteExpiresAt'),
  ]
  const end = sql`${raw(smaller)}(${slot('expiresAt', 'time')}, ${limit})`
  return sql`update ${t.sql} set ${accessed} = ${raw(larger)}(${accessed}, ${slot('at', 'time')}),
    ${expires} = ${raw(larger)}(${expires}, ${end}) where ${conditionsOnOne(t).isUnrevoked}`
}

export function insertSlots(t: Sessions, dialect: Dialect): Sql {
  return insert(t, dialect, (field) => slot(field, ROW_TYPES[field]))
}

/** Inserts a row, or nothing when the id is taken. */
export function insertInto(t: Sessions, dialect: Dialect, row: SessionRow): Sql {
  return sql`${insertRow(t, dialect, row)} on conflict (${t.bare('id')}) do nothing`
}

export function insertRow(t: Sessions, dialect: Dialect, row: SessionRow): Sql {
  return insert(t, dialect, (field) => sql`${encodeField(dialect.codecs, field, row[field])}`)
}

function insert(t: Sessions, dialect: Dialect, value: (field: RowField) => Sql): Sql {
  const values = ROW_FIELDS.map((field) => asColumn(dialect, field, value(field)))
  return sql`insert into ${t.sql} (${join(ROW_FIELDS.map(t.bare))}) values (${join(values)})`
}

/** These changes and the next version. */
export function assignments(t: Sessions, dialect: Dialect, changes: Changes): Sql {
  const fields = Object.keys(changes) as RowField[]
  return assign(t, dialect, fields, (field) => sql`${encodeField(dialect.codecs, field, changes[field])}`)
}

/** A slot for each of these fields, and the next version. */
function assignSlots(t: Sessions, dialect: Dialect, fields: readonly RowField[]): Sql {
  return assign(t, dialect, fields, (field) => slot(field, ROW_TYPES[field]))
}

function assign(
  t: Sessions,
  dialect: Dialect,
  fields: readonly RowField[],
  value: (field: RowField) => Sql,
): Sql {
  const version = t.bare('version')
  const changed = fields.map((field) => sql`${t.bare(field)} = ${asColumn(dialect, field, value(field))}`)
  return join([...changed, sql`${version} = ${version} + 1`])
}

function asColumn({ jsonValue }: Dialect, field: RowField, value: Sql): Sql {
  return ROW_TYPES[field] === 'json' ? jsonValue(value) : value
}
