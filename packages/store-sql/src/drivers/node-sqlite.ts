/**
 * `@bff/store-sql/node-sqlite`: sessions and short-lived values in a SQLite file, through the `node:sqlite` of Node 22.13 or
 * newer, without a package.
 *
 * @module
 */
import { BffError } from '@bff/core'
import type { Row, SqlClient, SqlStatement } from '../port.ts'
import { namedError } from '../sqlite/errors.ts'
import { createPrivately, type FileOptions, pragmas, requireFileOptions } from '../sqlite/file.ts'
import { assembleSqlite, type SqliteConnection } from '../sqlite/store.ts'
import type { SqlStores } from '../store/assemble.ts'
import { remembered } from './remembered.ts'

export type { FileOptions } from '../sqlite/file.ts'
export type { SqlStores, StoreOptions } from '../store/assemble.ts'
export { DatabaseError } from '../store/errors.ts'

/** The part of `DatabaseSync` of `node:sqlite` that the store uses. */
export interface NodeSqliteDatabase {
  prepare(text: string): { all(...values: SqlStatement['values'][number][]): unknown[] }
  exec(text: string): void
  close(): void
}

/**
 * Makes a store in a SQLite file, for processes on one machine. It never creates or changes a table: apply the migrations,
 * and call `check()` at start-up to verify them. Events stay in this process.
 *
 * @throws BffError `invalid_config` for an unknown option, unless exactly one of `client` and `path` is given, or where there
 * is no `node:sqlite`
 *
 * @example
 * ```ts
 * import { sqliteStore } from '@bff/store-sql/node-sqlite'
 *
 * const store = sqliteStore({ path: 'sessions.db' })
 * ```
 */
export function sqliteStore(options: FileOptions<NodeSqliteDatabase>): SqlStores {
  const { client, path = '' } = requireFileOptions(options)
  if (client !== undefined)
    return assembleSqlite(() => ({ client: clientOf(client), end: () => {} }), options)
  const { DatabaseSync } = nodeSqlite()
  return assembleSqlite(() => connect(DatabaseSync, path, options.synchronous ?? 'full'), options)
}

type DatabaseSync = new (path: string) => NodeSqliteDatabase

/** Not an import: older versions of Node, and of bundlers, do not know the module. */
function nodeSqlite(): { readonly DatabaseSync: DatabaseSync } {
  const found: unknown = process.getBuiltinModule('node:sqlite')
  if (typeof found === 'object' && found !== null && 'DatabaseSync' in found)
    return found as { readonly DatabaseSync: DatabaseSync }
  throw new BffError(
    'invalid_config',
    'This runtime has no node:sqlite. Use Node 22.13 or newer, or @bff/store-sql/better-sqlite3.',
  )
}

function connect(open: DatabaseSync, path: string, synchronous: 'full' | 'normal'): SqliteConnection {
  createPrivately(path)
  const db = namedError(() => new open(path))
  try {
    for (const pragma of pragmas(synchronous)) namedError(() => db.prepare(pragma).all())
  } catch (error) {
    db.close()
    throw error
  }
  return { client: clientOf(db), end: () => db.close() }
}

function clientOf(db: NodeSqliteDatabase): SqlClient {
  const prepare = remembered((text) => db.prepare(text))
  const query = ({ text, values }: SqlStatement): Row[] =>
    prepare(text)
      .all(...values)
      .map((row) => Object.values(row as object))
  return {
    query: (text, values) => namedError(() => query({ text, values })),
    batch: (statements) =>
      namedError(() => {
        db.exec('begin immediate')
        try {
          const results = statements.map(query)
          db.exec('commit')
          return results
        } catch (error) {
          rollBack(db)
          throw error
        }
      }),
  }
}

/** SQLite has already rolled back after some errors, and then refuses. */
function rollBack(db: NodeSqliteDatabase): void {
  try {
    db.exec('rollback')
  } catch {}
}
