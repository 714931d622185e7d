import type { OpenStores } from '@bff/store-testkit'
import { forLaws } from '@bff/test-support/sql/laws'
import * as sqlite from '@bff/test-support/sql/sqlite'
import BetterSqlite3 from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { type SqliteStoreOptions, sqliteStore } from '../src/sqlite/index.ts'
import { migrations } from './migrations.ts'

/** A file with the tables in it, and what removes it. */
export const sqliteFile = (journal?: 'wal' | 'delete') => sqlite.sqliteFile(migrations('sqlite'), journal)

/** Stores that open the file themselves. */
export async function openSqlite(options: Omit<SqliteStoreOptions, 'db' | 'path'> = {}): Promise<OpenStores> {
  const { path, remove } = sqliteFile()
  return forLaws({
    open: (clock) => sqliteStore({ path, synchronous: 'normal', clock, ...options }),
    behind: sqliteStore({ path }),
    close: async () => remove(),
  })
}

/** Stores on an app's own drizzle instance, whose connection can be cut. */
export async function openOnOwnSqlite(): Promise<OpenStores> {
  const { path, remove } = sqliteFile()
  const client = new BetterSqlite3(path)
  return forLaws({
    open: (clock) => sqliteStore({ db: drizzle({ client }), clock }),
    openAnother: (clock) => sqliteStore({ path, clock }),
    behind: sqliteStore({ path }),
    breakConnection: async () => void client.close(),
    async close() {
      client.close()
      remove()
    },
  })
}
