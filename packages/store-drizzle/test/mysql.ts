import type { OpenStores } from '@bff/store-testkit'
import { forLaws, type Opened } from '@bff/test-support/sql/laws'
import * as mysql from '@bff/test-support/sql/mysql'
import { drizzle } from 'drizzle-orm/mysql2'
import { createPool } from 'mysql2/promise'
import { type MysqlStoreOptions, mysqlStore } from '../src/mysql/index.ts'
import { migrations } from './migrations.ts'

/** A database with the tables in it. */
export const migrateMysql = (server: string) => mysql.migrateMysql(server, migrations('mysql'))

/** Stores on emptied tables, with a pool of their own. */
export const openMysql = (url: string, options: Omit<MysqlStoreOptions, 'db' | 'url'> = {}) =>
  open(url, { open: (clock) => mysqlStore({ url, clock, ...options }) })

/** Stores on an app's own drizzle instance that counts changed rows, not found ones, and whose pool can be ended. */
export async function openOnOwnMysql(url: string): Promise<OpenStores> {
  const own = createPool({ uri: url, connectionLimit: 10, flags: ['-FOUND_ROWS'] })
  return open(url, {
    open: (clock) => mysqlStore({ db: drizzle({ client: own }), clock }),
    openAnother: (clock) => mysqlStore({ url, clock }),
    breakConnection: () => own.end(),
    close: () => own.end().catch(() => {}),
  })
}

type Opening = Omit<Opened, 'behind' | 'close'> & Partial<Pick<Opened, 'close'>>

async function open(url: string, { close, ...opening }: Opening) {
  const pool = createPool({ uri: url, connectionLimit: 2 })
  for (const table of ['bff_sessions', 'bff_ttl']) await pool.query(`delete from ${table}`)
  return forLaws({
    ...opening,
    behind: mysqlStore({ db: drizzle({ client: pool }) }),
    async close() {
      await pool.end()
      await close?.()
    },
  })
}
