/**
 * `@bff/store-sql`: sessions and short-lived values in SQL, over a port of two functions. The other entries have a driver in
 * it already.
 *
 * @module
 */
import { option } from '@bff/core/authoring'
import { assembleMysql } from './mysql/store.ts'
import type { MysqlClient, SqlClient } from './port.ts'
import type { PostgresListener } from './postgres/events.ts'
import { assemblePostgres } from './postgres/store.ts'
import { assembleSqlite } from './sqlite/store.ts'
import { type PortOptions, readStoreOptions, type SqlStores } from './store/assemble.ts'

export { hearPoolErrors } from './drivers/pool-errors.ts'
export type {
  Answer,
  MysqlClient,
  MysqlQuery,
  MysqlResult,
  Row,
  SqlClient,
  SqlStatement,
  SqlValue,
} from './port.ts'
export type { PostgresListener } from './postgres/events.ts'
export type { TableName } from './sql/table.ts'
export type { PortOptions, SqlStores, StoreOptions } from './store/assemble.ts'
export { DatabaseError, type DriverError } from './store/errors.ts'

export interface PostgresPortOptions extends PortOptions<SqlClient> {
  /** Carries events to other processes. @default events stay in this process */
  readonly listener?: PostgresListener
  /** The channel for events: use a separate one for each BFF that shares the database. @default 'bff_events' */
  readonly channel?: string
}

/**
 * Makes a store in Postgres 12 or later over a client of your own. It never creates or changes a table: apply the migrations,
 * and call `check()` at start-up to verify them.
 *
 * @throws BffError `invalid_config` for an unknown option, or for a limit that is not a whole number above zero
 */
export function postgresStore(options: PostgresPortOptions): SqlStores {
  const { client, listener = null } = options
  const { channel } = readStoreOptions('postgresStore', options, {
    listener: option.given<PostgresListener>(),
    channel: option.optional(option.text()),
  })
  const connect = async () => ({ client, listener, end: async () => {} })
  return assemblePostgres({ connect, options, ...(channel !== undefined && { channel }) })
}

/**
 * Makes a store in SQLite 3.38 or later over a client of your own. It never creates or changes a table: apply the
 * migrations, and call `check()` at start-up to verify them. Events stay in this process.
 *
 * @throws BffError `invalid_config` for an unknown option, or for a limit that is not a whole number above zero
 */
export function sqliteStore(options: PortOptions<SqlClient>): SqlStores {
  readStoreOptions('sqliteStore', options, {})
  return assembleSqlite(() => ({ client: options.client, end: () => {} }), options)
}

/**
 * Makes a store in MySQL 8 or MariaDB 10.8 and later, in InnoDB, over a client of your own. It never creates or changes a
 * table: apply the migrations, and call `check()` at start-up to verify them. Events stay in this process.
 *
 * @throws BffError `invalid_config` for an unknown option, or for a limit that is not a whole number above zero
 */
export function mysqlStore(options: PortOptions<MysqlClient>): SqlStores {
  readStoreOptions('mysqlStore', options, {})
  return assembleMysql({ connect: () => ({ client: options.client, end: async () => {} }), options })
}
