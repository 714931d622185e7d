import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OpenStores } from '@bff/store-testkit'
import BetterSqlite3 from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { type SqliteStoreOptions, sqliteStore } from '../src/sqlite/index.ts'
import { handClock } from './clock.ts'
import { migrations } from './migrations.ts'
import { withEventsOf } from './with-events-of.ts'

/** A file with the tables in it, and what removes it. */
export function sqliteFile(journal: 'wal' | 'delete' = 'wal'): { path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'bff-sqlite-'))
  const path = join(folder, 'sessions.db')
  const client = new BetterSqlite3(path)
  client.pragma(`journal_mode = ${journal}`)
  for (const statement of migrations('sqlite')) client.exec(statement)
  client.close()
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Stores that open the file themselves. */
export async function openSqlite(options: Omit<SqliteStoreOptions, 'db' | 'path'> = {}): Promise<OpenStores> {
  const file = sqliteFile()
  const clock = handClock()
  const open = () => sqliteStore({ path: file.path, synchronous: 'normal', clock, ...options })
  const [stores, another] = [open(), open()]
  const behind = sqliteStore({ path: file.path })
  return {
    stores,
    another: withEventsOf(stores, another),
    now: clock.now,
    advance: async (ms) => clock.advance(ms),
    peek: (handle) => behind.sessions.get(handle),
    async close() {
      await Promise.all([stores, another, behind].map(({ sessions }) => sessions.close()))
      file.remove()
    },
  }
}

/** Stores on an app's own drizzle instance, whose connection can be cut. */
export async function openOnOwnSqlite(): Promise<OpenStores> {
  const file = sqliteFile()
  const clock = handClock()
  const client = new BetterSqlite3(file.path)
  const stores = sqliteStore({ db: drizzle({ client }), clock })
  const another = sqliteStore({ path: file.path, clock })
  const behind = sqliteStore({ path: file.path })
  return {
    stores,
    another: withEventsOf(stores, another),
    now: clock.now,
    advance: async (ms) => clock.advance(ms),
    peek: (handle) => behind.sessions.get(handle),
    breakConnection: async () => void client.close(),
    async close() {
      await Promise.all([stores, another, behind].map(({ sessions }) => sessions.close()))
      client.close()
      file.remove()
    },
  }
}
