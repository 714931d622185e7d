/**
 * `@bff/store-drizzle/sqlite`: sessions and short-lived values in a SQLite file.
 *
 * @module
 */
import { BffError } from '@bff/core'
import { requireOneOf } from '@bff/core/authoring'
import { sqliteStore as storeOfDriver } from '@bff/store-sql/better-sqlite3'
import type { Database, RunResult } from 'better-sqlite3'
import type { TablesRelationalConfig } from 'drizzle-orm'
import type { BaseSQLiteDatabase, SQLiteTable } from 'drizzle-orm/sqlite-core'
import {
  type DrizzleStores,
  namesOf,
  refuseUnknownOptions,
  type StoreOptions,
  sharedOptions,
} from '../shared/assemble.ts'
import { bffSessions, bffTtl, type SessionColumns, type TtlColumns } from './schema.ts'

export { DatabaseError } from '@bff/store-sql'
export type { DrizzleStores, StoreOptions } from '../shared/assemble.ts'
export * from './schema.ts'

/** Any drizzle instance on better-sqlite3, with any schema. */
export type SqliteDb = Pick<
  BaseSQLiteDatabase<'sync', RunResult, Record<string, unknown>, TablesRelationalConfig>,
  'select' | 'insert' | 'update' | 'delete' | 'get' | 'transaction'
>

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
 * @throws BffError `invalid_config` for an unknown option, unless exactly one of `db` and `path` is given, or for
 * a `db` on another driver
 */
export function sqliteStore(options: SqliteStoreOptions): DrizzleStores {
  const { db, path, synchronous, tables } = options
  refuseUnknownOptions('sqliteStore', options, ['path', 'synchronous'])
  requireOneOf('sqliteStore', options, ['path', 'db'])
  const shared = sharedOptions(options, 'sqlite', {
    sessions: namesOf(tables?.sessions ?? bffSessions),
    ttl: namesOf(tables?.ttl ?? bffTtl),
  })
  if (db !== undefined) return storeOfDriver({ ...shared, client: databaseOf(db) })
  return storeOfDriver({
    ...shared,
    ...(path !== undefined && { path }),
    ...(synchronous !== undefined && { synchronous }),
  })
}

/** The statements go to the driver itself, so that they are prepared once. */
function databaseOf(db: SqliteDb): Database {
  const client: unknown = '$client' in db ? db.$client : null
  if (isDatabase(client)) return client
  throw new BffError(
    'invalid_config',
    'db is not on better-sqlite3. Give the store what drizzle() of drizzle-orm/better-sqlite3 returns.',
  )
}

function isDatabase(client: unknown): client is Database {
  return typeof client === 'object' && client !== null && 'prepare' in client && 'pragma' in client
}
