/**
 * `@bff/store-drizzle/mysql`: sessions and short-lived values in MySQL or MariaDB.
 *
 * @module
 */
import type { MySqlTable } from 'drizzle-orm/mysql-core'
import {
  assembleStores,
  DEFAULT_TIMEOUT_MS,
  type DrizzleStores,
  refuseUnknownOptions,
  requireCount,
  requireOneOf,
  type StoreOptions,
} from '../shared/assemble.ts'
import { Conditions } from '../shared/conditions.ts'
import type { Engine } from '../shared/engine.ts'
import { once } from '../shared/once.ts'
import { Sockets } from '../shared/sockets.ts'
import { connectMysql, type MysqlDb } from './db.ts'
import { describeMysql, findUnsafeMode } from './describe.ts'
import { classifyMysql } from './errors.ts'
import { bffSessions, bffTtl, type SessionColumns, type TtlColumns } from './schema.ts'
import { mysqlRules, mysqlSessions } from './sessions.ts'
import { mysqlTtl } from './ttl.ts'

export type { DrizzleStores, StoreOptions } from '../shared/assemble.ts'
export { DatabaseError } from '../shared/errors.ts'
export type { MysqlDb } from './db.ts'
export * from './schema.ts'

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
 * @throws BffError `invalid_config` for an unknown option, unless exactly one of `db` and `url` is given, or for a limit
 * that is not a whole number above zero
 */
export function mysqlStore(options: MysqlStoreOptions): DrizzleStores {
  const { db, url, poolSize = 10, operationTimeoutMs = DEFAULT_TIMEOUT_MS } = options
  refuseUnknownOptions('mysqlStore', options, ['url', 'poolSize'])
  requireOneOf({ url, db })
  requireCount('poolSize', poolSize)
  const tables = {
    sessions: (options.tables?.sessions ?? bffSessions) as typeof bffSessions,
    ttl: (options.tables?.ttl ?? bffTtl) as typeof bffTtl,
  }
  const conditions = new Conditions(tables.sessions, mysqlRules)
  const sockets = new Sockets(operationTimeoutMs)
  const open = once((): Engine => {
    const connection =
      db === undefined
        ? connectMysql(url ?? '', { poolSize, timeoutMs: operationTimeoutMs, sockets })
        : { db, end: async () => {} }
    return {
      sessions: mysqlSessions(connection.db, tables.sessions, tables.ttl, conditions),
      ttl: mysqlTtl(connection.db, tables.ttl),
      describe: (table) => describeMysql(connection.db, table as MySqlTable),
      misconfigured: () => findUnsafeMode(connection.db),
      end: connection.end,
    }
  })
  return assembleStores({
    open,
    tables,
    conditions,
    options,
    sockets,
    classify: classifyMysql,
    migrations: 'drizzle/mysql',
  })
}
