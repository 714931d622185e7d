/**
 * `@bff/store-sql/better-sqlite3`: sessions and short-lived values in a SQLite file, through better-sqlite3.
 *
 * @module
 */
import BetterSqlite3, { type Database, type Statement } from 'better-sqlite3'
import type { Row, SqlClient } from '../port.ts'
import { BUSY_TIMEOUT_MS, createPrivately, type FileOptions, requireFileOptions } from '../sqlite/file.ts'
import { assembleSqlite, type SqliteConnection } from '../sqlite/store.ts'
import type { SqlStores } from '../store/assemble.ts'
import { remembered } from './remembered.ts'

export type { FileOptions } from '../sqlite/file.ts'
export type { SqlStores, StoreOptions } from '../store/assemble.ts'
export { DatabaseError } from '../store/errors.ts'

/**
 * Makes a store in a SQLite file, for processes on one machine. It never creates or changes a table: apply the migrations,
 * and call `check()` at start-up to verify them. Events stay in this process.
 *
 * @throws BffError `invalid_config` for an unknown option, unless exactly one of `client` and `path` is given
 *
 * @example
 * ```ts
 * import { sqliteStore } from '@bff/store-sql/better-sqlite3'
 *
 * const store = sqliteStore({ path: 'sessions.db' })
 * ```
 */
export function sqliteStore(options: FileOptions<Database>): SqlStores {
  const { client, path } = requireFileOptions(options)
  const open = (): SqliteConnection =>
    client === undefined
      ? connect(path ?? '', options.synchronous ?? 'full')
      : { client: clientOf(client), end: () => {} }
  return assembleSqlite(open, options)
}

function connect(path: string, synchronous: 'full' | 'normal'): SqliteConnection {
  createPrivately(path)
  const db = new BetterSqlite3(path, { timeout: BUSY_TIMEOUT_MS })
  try {
    db.pragma('journal_mode = WAL')
    db.pragma(`synchronous = ${synchronous}`)
    db.pragma('foreign_keys = ON')
  } catch (error) {
    db.close()
    throw error
  }
  return { client: clientOf(db), end: () => db.close() }
}

function clientOf(db: Database): SqlClient {
  const prepare = remembered((text): Statement => {
    const statement = db.prepare(text)
    return statement.reader ? statement.raw() : statement
  })
  // Never `get`: it leaves a statement after its first row, before it commits, and does not report a failed commit.
  const query: SqlClient['query'] = (text, values) => {
    const statement = prepare(text)
    if (statement.reader) return statement.all(...values) as Row[]
    statement.run(...values)
    return []
  }
  const batch = db.transaction((statements: Parameters<SqlClient['batch']>[0]) =>
    statements.map(({ text, values }) => query(text, values) as Row[]),
  )
  return { query, batch: (statements) => batch.immediate(statements) }
}
