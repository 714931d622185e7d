import { statSync } from 'node:fs'
import type { SessionStore } from '@bff/core'
import { mysqlStore } from '@bff/store-drizzle/mysql'
import { bffSessions, postgresStore } from '@bff/store-drizzle/postgres'
import { sqliteStore } from '@bff/store-drizzle/sqlite'
import { fullSession, handle } from '@bff/store-testkit/fixtures'
import BetterSqlite3 from 'better-sqlite3'
import { getTableColumns } from 'drizzle-orm'
import { createConnection } from 'mysql2/promise'
import postgres from 'postgres'
import type { Surroundings } from '../protocol.ts'
import { now, type Stand } from './stand.ts'

const OPERATION_TIMEOUT_MS = 60_000

/** The numbers from 0 to below `size` as `n`, and a handle or user made of one. */
interface Dialect {
  series(size: number): string
  readonly handle: string
  readonly user: string
}

const SQLITE: Dialect = {
  series: (size) =>
    `(with recursive s(n) as (select 0 union all select n + 1 from s where n < ${size - 1}) select n from s) s`,
  handle: "substr('user' || (n / 10) || '.' || (n % 10) || '----------------', 1, 16)",
  user: "'user' || (n / 10)",
}
const POSTGRES: Dialect = {
  series: (size) => `generate_series(0, ${size - 1}) s(n)`,
  handle: "rpad('user' || (n / 10) || '.' || (n % 10), 16, '-')",
  user: "'user' || (n / 10)",
}
const MYSQL: Dialect = {
  series: (size) => `(select seq as n from seq_0_to_${size - 1}) s`,
  handle: "rpad(concat('user', n div 10, '.', n mod 10), 16, '-')",
  user: "concat('user', n div 10)",
}

/** Has the database multiply one session that the store wrote: a million sign-ins would take hours on a slow disk. */
async function multiply(
  sessions: SessionStore,
  size: number,
  { series, handle: id, user }: Dialect,
  execute: (statement: string) => Promise<unknown>,
): Promise<void> {
  const template = handle('template')
  await sessions.create(fullSession(now, { handle: template, organizationId: null }))
  const copied = Object.values(getTableColumns(bffSessions))
    .filter(({ name }) => !['id', 'user_id', 'provider_session_id', 'ends_at'].includes(name))
    .map(({ name }) => name)
    .join()
  await execute(
    `insert into bff_sessions (id, user_id, provider_session_id, ${copied})
     select ${id}, ${user}, ${user}, ${copied} from bff_sessions, ${series(size)} where id = '${template}'`,
  )
  await sessions.delete(template)
}

export async function openSqlite(size: number, { sqlite = '' }: Surroundings): Promise<Stand> {
  const { sessions } = sqliteStore({ path: sqlite })
  const client = new BetterSqlite3(sqlite)
  await multiply(sessions, size, SQLITE, async (statement) => client.exec(statement))
  return {
    size,
    sessions,
    async bytes() {
      client.pragma('wal_checkpoint(truncate)')
      return statSync(sqlite).size
    },
    async stop() {
      client.close()
      await sessions.close()
    },
  }
}

export async function openPostgres(size: number, { postgres: url = '' }: Surroundings): Promise<Stand> {
  const { sessions } = postgresStore({ url, operationTimeoutMs: OPERATION_TIMEOUT_MS })
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  await multiply(sessions, size, POSTGRES, (statement) => sql.unsafe(statement))
  await sql`vacuum analyze bff_sessions`
  return {
    size,
    sessions,
    async bytes() {
      const [row] = await sql`select pg_total_relation_size('bff_sessions')::bigint as bytes`
      return Number(row?.['bytes'])
    },
    async stop() {
      await sql.end()
      await sessions.close()
    },
  }
}

export async function openMysql(size: number, { mysql = '' }: Surroundings): Promise<Stand> {
  const { sessions } = mysqlStore({ url: mysql, operationTimeoutMs: OPERATION_TIMEOUT_MS })
  const connection = await createConnection(mysql)
  await multiply(sessions, size, MYSQL, (statement) => connection.query(statement))
  await connection.query('analyze table bff_sessions')
  return {
    size,
    sessions,
    async bytes() {
      const [rows] = await connection.query(
        "select data_length + index_length as bytes from information_schema.tables where table_name = 'bff_sessions'",
      )
      return Number(Array.isArray(rows) && rows[0] && 'bytes' in rows[0] ? rows[0]['bytes'] : Number.NaN)
    },
    async stop() {
      await connection.end()
      await sessions.close()
    },
  }
}
