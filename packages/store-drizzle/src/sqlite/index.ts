/**
 * `@bff/store-drizzle/sqlite`: sessions and short-lived values in a SQLite file.
 *
 * @module
 */
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import {
  assembleStores,
  type DrizzleStores,
  refuseUnknownOptions,
  requireOneOf,
  type StoreOptions,
} from '../shared/assemble.ts'
import { Conditions } from '../shared/conditions.ts'
import type { Engine } from '../shared/engine.ts'
import { once } from '../shared/once.ts'
import { connectSqlite, type SqliteDb } from './db.ts'
import { describeSqlite } from './describe.ts'
import { classifySqlite } from './errors.ts'
import { bffSessions, bffTtl, type SessionColumns, type TtlColumns } from './schema.ts'
import { sqliteRules, sqliteSessions } from './sessions.ts'
import { sqliteTtl } from './ttl.ts'

export type { DrizzleStores, StoreOptions } from '../shared/assemble.ts'
export { DatabaseError } from '../shared/errors.ts'
export type { SqliteDb } from './db.ts'
export * from './schema.ts'

export interface SqliteStoreOptions extends StoreOptions {
  /** Your own drizzle instance on better-sqlite3; the store does not close it. Set either this or `path`. */
  readonly db?: SqliteDb
  /** The file. It is created when it does not exist, only its owner can read it, and it is closed with the store. */
  readonly path?: string
  /**
   * `full` survives a power cut. With `normal` a power cut may undo the last writes, including revocations. A killed process
   * loses nothing in both modes. Only for `path`. @default 'full'
   */
  readonly synchronous?: 'full' | 'normal'
  /** Your own tables, made with `sessionColumns()` and `ttlColumns()`. @default `bffSessions` and `bffTtl` */
  readonly tables?: {
    readonly sessions?: SQLiteTable & SessionColumns
    readonly ttl?: SQLiteTable & TtlColumns
  }
}

/**
 * Makes a store in a SQLite file, for processes on one machine. It never creates or changes a table: apply the migrations,
 * and call `check()` at start-up to verify them. Events stay in this process.
 *
 * @throws BffError `invalid_config` for an unknown option, unless exactly one of `db` and `path` is given
 */
export function sqliteStore(options: SqliteStoreOptions): DrizzleStores {
  const { db, path, synchronous = 'full' } = options
  refuseUnknownOptions('sqliteStore', options, ['path', 'synchronous'])
  requireOneOf({ path, db })
  const tables = {
    sessions: (options.tables?.sessions ?? bffSessions) as typeof bffSessions,
    ttl: (options.tables?.ttl ?? bffTtl) as typeof bffTtl,
  }
  const conditions = new Conditions(tables.sessions, sqliteRules)
  const open = once((): Engine => {
    const connection = db === undefined ? connectSqlite(path ?? '', synchronous) : { db, end: () => {} }
    return {
      sessions: sqliteSessions(connection.db, tables.sessions, conditions),
      ttl: sqliteTtl(connection.db, tables.ttl),
      describe: (table) => describeSqlite(connection.db, table),
      end: async () => connection.end(),
    }
  })
  return assembleStores({
    open,
    tables,
    conditions,
    options,
    classify: classifySqlite,
    migrations: 'drizzle/sqlite',
  })
}
