import sql from 'sql-template-tag'
import type { MysqlClient, SqlStatement } from '../port.ts'
import { all } from '../sql/conditions.ts'
import { finished, prepared, slot } from '../sql/dialect.ts'
import type { Table } from '../sql/table.ts'
import type { TtlColumn } from '../sql/ttl.ts'
import type { TtlEngine } from '../store/engine.ts'
import { mysql } from './dialect.ts'
import { unlessTaken } from './sessions.ts'

/** Each step is one statement; of several steps, the one that decides comes last. */
export function mysqlTtl(client: MysqlClient, t: Table<TtlColumn>): TtlEngine {
  const s = mysqlTtlStatements(t)
  const run = ({ text, values }: SqlStatement) => client.query(text, values)
  const read = async (key: string, now: number) => {
    const [row] = (await run(s.get({ key, now }))).rows
    return row === undefined ? null : String(row[0])
  }
  const removeEqual = async (key: string, value: string, now: number) =>
    (await run(s.remove({ key, value, now }))).affectedRows > 0

  return {
    set: (key, value, expiresAt) => run(s.set({ key, value, expiresAt })),
    get: read,
    async setIfAbsent(key, value, expiresAt, now) {
      const fresh = () => unlessTaken(() => run(s.insert({ key, value, expiresAt })))
      if (await fresh()) return true
      await run(s.bury({ key, now }))
      return fresh()
    },
    async take(key, now) {
      for (let value = await read(key, now); value !== null; value = await read(key, now)) {
        if (await removeEqual(key, value, now)) return value
      }
      return null
    },
    // Without FOUND_ROWS a row that has this end already does not count.
    extend: async (key, value, expiresAt, now) =>
      (await run(s.extend({ key, value, expiresAt, now }))).affectedRows > 0 ||
      (await run(s.extended({ key, value, expiresAt }))).rows.length > 0,
    compareAndDelete: removeEqual,
    cleanup: (now, limit) =>
      run(finished(mysql, sql`delete from ${t.sql} where ${t.bare('expiresAt')} <= ${now} limit ${limit}`)),
  }
}

function mysqlTtlStatements(t: Table<TtlColumn>) {
  const [key, value, end] = [slot('key', 'text'), slot('value', 'text'), slot('expiresAt', 'time')]
  const [keyColumn, valueColumn, endColumn] = [t.column('key'), t.column('value'), t.column('expiresAt')]
  const isIt = sql`${keyColumn} = ${key}`
  const lives = sql`${endColumn} > ${slot('now', 'time')}`
  // `=` takes trailing spaces for nothing.
  const equal = all(
    isIt,
    sql`${valueColumn} = ${value}`,
    sql`char_length(${valueColumn}) = char_length(${value})`,
  )
  const columns = sql`${t.bare('key')}, ${t.bare('value')}, ${t.bare('expiresAt')}`
  const insert = sql`insert into ${t.sql} (${columns}) values (${key}, ${value}, ${end})`
  const replace = sql`${t.bare('value')} = ${value}, ${t.bare('expiresAt')} = ${end}`
  return {
    set: prepared(mysql, sql`${insert} on duplicate key update ${replace}`),
    insert: prepared(mysql, insert),
    bury: prepared(
      mysql,
      sql`delete from ${t.sql} where ${all(isIt, sql`${endColumn} <= ${slot('now', 'time')}`)}`,
    ),
    get: prepared(mysql, sql`select ${t.bare('value')} from ${t.sql} where ${all(isIt, lives)}`),
    extend: prepared(
      mysql,
      sql`update ${t.sql} set ${t.bare('expiresAt')} = ${end} where ${all(equal, lives)}`,
    ),
    extended: prepared(
      mysql,
      sql`select ${t.bare('key')} from ${t.sql} where ${all(equal, sql`${endColumn} = ${end}`)}`,
    ),
    remove: prepared(mysql, sql`delete from ${t.sql} where ${all(equal, lives)}`),
  }
}
