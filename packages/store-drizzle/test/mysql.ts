import type { Stores } from '@bff/core'
import type { OpenStores } from '@bff/store-testkit'
import { drizzle } from 'drizzle-orm/mysql2'
import { createConnection, createPool } from 'mysql2/promise'
import { type MysqlStoreOptions, mysqlStore } from '../src/mysql/index.ts'
import { handClock } from './clock.ts'
import { migrations } from './migrations.ts'
import { withEventsOf } from './with-events-of.ts'

/** A database with the tables in it. */
export async function migrateMysql(server: string): Promise<string> {
  const client = await createConnection(server)
  await client.query('create database bff')
  await client.query('use bff')
  for (const statement of migrations('mysql')) await client.query(statement)
  await client.end()
  return new URL('/bff', server).href
}

/** Stores on emptied tables, with a pool of their own. */
export async function openMysql(
  url: string,
  options: Omit<MysqlStoreOptions, 'db' | 'url'> = {},
): Promise<OpenStores & { readonly another: Stores }> {
  const clock = handClock()
  const pool = createPool({ uri: url, connectionLimit: 2 })
  for (const table of ['bff_sessions', 'bff_ttl']) await pool.query(`delete from ${table}`)
  const open = () => mysqlStore({ url, clock, ...options })
  const [stores, another] = [open(), open()]
  const behind = mysqlStore({ db: drizzle({ client: pool }) })
  return {
    stores,
    another: withEventsOf(stores, another),
    now: clock.now,
    advance: async (ms) => clock.advance(ms),
    peek: (handle) => behind.sessions.get(handle),
    async close() {
      await Promise.all([stores, another, behind].map(({ sessions }) => sessions.close()))
      await pool.end()
    },
  }
}

/** Stores on an app's own drizzle instance that counts changed rows, not found ones, and whose pool can be ended. */
export async function openOnOwnMysql(url: string): Promise<OpenStores> {
  const own = createPool({ uri: url, connectionLimit: 10, flags: ['-FOUND_ROWS'] })
  const open = await openMysql(url)
  const clock = handClock()
  const stores = mysqlStore({ db: drizzle({ client: own }), clock })
  return {
    ...open,
    stores,
    another: withEventsOf(stores, open.another),
    now: clock.now,
    advance: async (ms) => {
      clock.advance(ms)
      await open.advance(ms)
    },
    breakConnection: () => own.end(),
    async close() {
      await Promise.all([stores.sessions.close(), open.close()])
      await own.end().catch(() => {})
    },
  }
}
