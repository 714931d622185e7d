import { closeSync, openSync } from 'node:fs'
import BetterSqlite3, { type RunResult } from 'better-sqlite3'
import type { TablesRelationalConfig } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core'

/** Any drizzle instance on better-sqlite3, with any schema. */
export type SqliteDb = Pick<
  BaseSQLiteDatabase<'sync', RunResult, Record<string, unknown>, TablesRelationalConfig>,
  'select' | 'insert' | 'update' | 'delete' | 'get' | 'transaction'
>

export interface SqliteConnection {
  readonly db: SqliteDb
  end(): void
}

/**
 * While another process writes, better-sqlite3 blocks this one: only for a short time, then the gate waits and tries again.
 */
const BUSY_TIMEOUT_MS = 100

export function connectSqlite(path: string, synchronous: 'full' | 'normal'): SqliteConnection {
  createPrivately(path)
  const client = new BetterSqlite3(path, { timeout: BUSY_TIMEOUT_MS })
  client.pragma('journal_mode = WAL')
  client.pragma(`synchronous = ${synchronous}`)
  client.pragma('foreign_keys = ON')
  return { db: drizzle({ client }), end: () => client.close() }
}

/** Creates a file that no other user of the machine can read; SQLite gives its side files the same mode. */
function createPrivately(path: string): void {
  if (path !== ':memory:' && path !== '') closeSync(openSync(path, 'a', 0o600))
}
