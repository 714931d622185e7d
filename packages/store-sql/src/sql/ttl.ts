import sql, { type Sql } from 'sql-template-tag'
import { map, type Row, type SqlClient, type SqlStatement } from '../port.ts'
import type { TtlEngine } from '../store/engine.ts'
import { once } from '../store/once.ts'
import { encode } from './codecs.ts'
import { all } from './conditions.ts'
import { type Dialect, finished, prepared, slot } from './dialect.ts'
import type { Table } from './table.ts'

export type TtlColumn = 'key' | 'value' | 'expiresAt'

/** The rows of a condition, at most `limit`, passing over those that another worker deletes. */
export type SomeKeys = (t: Table<TtlColumn>, where: Sql, limit: number) => Sql

/** Small values on an engine that has `RETURNING`: each operation is one statement. */
export function returningTtl(
  client: SqlClient,
  t: Table<TtlColumn>,
  dialect: Dialect,
  some: SomeKeys,
): TtlEngine {
  const s = once(() => ttlStatements(t, dialect))
  const run = ({ text, values }: SqlStatement) => client.query(text, values, true)
  return {
    set: (key, value, expiresAt) => run(s().set({ key, value, expiresAt })),
    get: (key, now) => map(run(s().get({ key, now })), onlyValue),
    setIfAbsent: (key, value, expiresAt, now) =>
      map(run(s().setIfDead({ key, value, expiresAt, now })), isAny),
    take: (key, now) => map(run(s().take({ key, now })), onlyValue),
    extend: (key, value, expiresAt, now) => map(run(s().extend({ key, value, expiresAt, now })), isAny),
    compareAndDelete: (key, value, now) => map(run(s().remove({ key, value, now })), isAny),
    cleanup(now, limit) {
      const dead = sql`${t.column('expiresAt')} <= ${encode(dialect.codecs, 'time', now)}`
      return run(finished(dialect, sql`delete from ${t.sql} where ${some(t, dead, limit)}`))
    },
  }
}

function ttlStatements(t: Table<TtlColumn>, dialect: Dialect) {
  const [keyColumn, valueColumn, endColumn] = [t.bare('key'), t.bare('value'), t.bare('expiresAt')]
  const [key, value] = [slot('key', 'text'), slot('value', 'text')]
  const [end, now] = [slot('expiresAt', 'time'), slot('now', 'time')]
  const lives = all(sql`${t.column('key')} = ${key}`, sql`${t.column('expiresAt')} > ${now}`)
  const holds = all(lives, sql`${t.column('value')} = ${value}`)
  const set = sql`insert into ${t.sql} (${keyColumn}, ${valueColumn}, ${endColumn}) values (${key}, ${value}, ${end})
    on conflict (${keyColumn}) do update set ${valueColumn} = excluded.${valueColumn}, ${endColumn} = excluded.${endColumn}`
  const setIfDead = sql`${set} where ${t.column('expiresAt')} <= ${now} returning ${keyColumn}`
  const extend = sql`update ${t.sql} set ${endColumn} = ${end} where ${holds} returning ${keyColumn}`
  return {
    set: prepared(dialect, set),
    setIfDead: prepared(dialect, setIfDead),
    get: prepared(dialect, sql`select ${valueColumn} from ${t.sql} where ${lives}`),
    take: prepared(dialect, sql`delete from ${t.sql} where ${lives} returning ${valueColumn}`),
    extend: prepared(dialect, extend),
    remove: prepared(dialect, sql`delete from ${t.sql} where ${holds} returning ${keyColumn}`),
  }
}

const isAny = (rows: readonly Row[]): boolean => rows.length > 0

const onlyValue = ([row]: readonly Row[]): string | null => (row === undefined ? null : (row[0] as string))
