/**
 * `@bff/store-drizzle/mysql`: sessions and short-lived values in MySQL or MariaDB.
 *
 * @module
 */
import { BffError } from '@bff/core'
import { requireOneOf } from '@bff/core/authoring'
import { mysqlStore as storeOfDriver } from '@bff/store-sql/mysql2'
import type { TablesRelationalConfig } from 'drizzle-orm'
import { getTableConfig, type MySqlDatabase, type MySqlTable } from 'drizzle-orm/mysql-core'
import type { MySql2PreparedQueryHKT, MySql2QueryResultHKT } from 'drizzle-orm/mysql2'
import type { Pool } from 'mysql2/promise'
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

/** A drizzle instance on mysql2, with any schema. */
export type AnyMysqlDb = MySqlDatabase<
  MySql2QueryResultHKT,
  MySql2PreparedQueryHKT,
  Record<string, unknown>,
  TablesRelationalConfig
>

/** Any drizzle instance on mysql2, with any schema. */
export type MysqlDb = Pick<AnyMysqlDb, 'select' | 'insert' | 'update' | 'delete' | 'execute' | 'transaction'>

export interface MysqlStoreOptions extends StoreOptions {
  /** Your own drizzle instance on mysql2; the store does not close it. Set either this or `url`. */
  readonly db?: MysqlDb
  /** The address: `mysql://user:password@host/database`. The pool closes with the store. */
  readonly url?: string
  /** The most connections to `url`. @default 10 */
  readonly poolSize?: number
  /** Your own tables, made with `sessionColumns()` and `ttlColumns()`. @default `bffSessions` and `bffTtl` */
  readonly tables?: {
    readonly sessions?: MySqlTable & SessionColumns
    readonly ttl?: MySqlTable & TtlColumns
  }
}

/**
 * Makes a store in MySQL 8 or MariaDB 10.8 and later, in InnoDB. It never creates or changes a table: apply the migrations,
 * and call `check()` at start-up to verify them. Events stay in this process.
 *
 * @throws BffError `invalid_config` for an unknown option, unless exactly one of `db` and `url` is given, for a limit
 * that is not a whole number above zero, or for a `db` that is not on a pool
 */
export function mysqlStore(options: MysqlStoreOptions): DrizzleStores {
  const { db, url, poolSize, tables } = options
  refuseUnknownOptions('mysqlStore', options, ['url', 'poolSize'])
  requireOneOf('mysqlStore', options, ['url', 'db'])
  const shared = sharedOptions(options, 'mysql', {
    sessions: nameOf(tables?.sessions ?? bffSessions),
    ttl: nameOf(tables?.ttl ?? bffTtl),
  })
  if (db !== undefined) return storeOfDriver({ ...shared, client: poolOf(db) })
  return storeOfDriver({
    ...shared,
    ...(url !== undefined && { url }),
    ...(poolSize !== undefined && { poolSize }),
  })
}

const nameOf = (table: MySqlTable) => namesOf(table, getTableConfig(table).schema)

/** drizzle takes a pool of `mysql2` and one of `mysql2/promise`; the store sends its statements to the latter. */
function poolOf(db: MysqlDb): Pool {
  const client: unknown = '$client' in db ? db.$client : null
  if (isPool(client)) return client.promise?.() ?? client
  throw new BffError(
    'invalid_config',
    'db is not on a pool of mysql2. Make it with createPool: one connection cannot keep transactions apart.',
  )
}

function isPool(client: unknown): client is Pool & { promise?(): Pool } {
  return typeof client === 'object' && client !== null && 'getConnection' in client
}
