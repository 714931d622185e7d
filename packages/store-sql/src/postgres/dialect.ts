import sql, { join } from 'sql-template-tag'
import { map } from '../port.ts'
import { sealed as bytes, type Codec, json, numbers } from '../sql/codecs.ts'
import { all } from '../sql/conditions.ts'
import { finished } from '../sql/dialect.ts'
import type { Returning } from '../sql/sessions.ts'
import type { SomeKeys } from '../sql/ttl.ts'

/** The first half of an advisory lock's key: it separates the store's locks from the app's. */
export const LOCK_SPACE = 0x62_66_66

/** Epoch milliseconds, kept as `timestamptz(3)`. */
const time: Codec = {
  encode: (ms: number) => new Date(ms).toISOString(),
  decode: readTime,
}

/** Read as base64: Node decodes it in less than half of the time that the usual hex of Postgres needs. */
const sealed: Codec = { ...bytes, decode: (base64: string) => Buffer.from(base64, 'base64') }

const ZERO = '0'.charCodeAt(0)

/** Reads JSON such as `2026-11-30T16:36:20.123+00:00`: every read of a session has seven, and a `Date` needs four times as long. */
function readTime(text: string): number {
  const isUsual = text[4] === '-' && text.endsWith('+00:00') && text.length <= 29
  if (!isUsual) return new Date(text).getTime()
  const digits = (at: number) => (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO
  const seconds = Date.UTC(
    digits(0) * 100 + digits(2),
    digits(5) - 1,
    digits(8),
    digits(11),
    digits(14),
    digits(17),
  )
  return seconds + Math.round(Number(text.slice(19, -6)) * 1000)
}

export const postgres: Returning = {
  quote: '"',
  text: (statement) => statement.text,
  codecs: { integer: numbers, time, sealed, json },
  larger: 'greatest',
  smaller: 'least',
  // Drivers write a value as the type that it has for the server, and text is text for all of them.
  jsonValue: (value) => sql`${value}::text::jsonb`,
  jsonArray: 'json_build_array',
  // A client of the app's own may parse JSON in a way of its own.
  jsonText: (array) => sql`${array}::text`,
  joined: (columns) =>
    sql`encode(${join(
      columns.map((column) => sql`coalesce(${column}, '')`),
      ' || ',
    )}, 'base64')`,
  equal: (column, value) => sql`${column} = ${value}`,
  // The collation is named even if the column has it, because an app's own table may not have it.
  byteOrder: (column) => sql`${column} collate "C"`,
  unindexed: (column) => column,
  every: (t, where) => {
    const id = t.column('id')
    const ids = sql`select ${id} from ${t.sql} where ${where} order by ${id} for update`
    return all(postgres.chosen(t, ids), where)
  },
  some: (t, where, limit) =>
    postgres.chosen(
      t,
      sql`select ${t.column('id')} from ${t.sql} where ${where} limit ${limit} for update skip locked`,
    ),
  // As an array it is evaluated once: more than its limit is never deleted, and rows are locked in one order.
  chosen: (t, ids) => sql`${t.column('id')} = any(array(${ids}))`,
  skip: (rows) => sql`offset ${rows}`,
  // The second statement sees what was committed while the first waited for the lock.
  capped(client, _, { userId }, insert, evict) {
    const lock = sql`select pg_advisory_xact_lock(${LOCK_SPACE}, hashtext(${userId}))`
    const both = sql`with inserted as (${insert}), evicted as (${evict(sql`exists (select 1 from inserted)`)})
      select * from inserted union all select * from evicted`
    const statements = [lock, both].map((statement) => finished(postgres, statement))
    return map(client.batch(statements), (results) => results[1] ?? [])
  },
}

export const someKeys: SomeKeys = (t, where, limit) => {
  const key = t.column('key')
  return sql`${key} = any(array(select ${key} from ${t.sql} where ${where} limit ${limit} for update skip locked))`
}
