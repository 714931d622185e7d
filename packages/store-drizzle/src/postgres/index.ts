/**
 * `@bff/store-drizzle/postgres`: sessions, short-lived values and events in Postgres.
 *
 * @module
 */
import { EventEmitter } from 'node:events'
import { requireOneOf } from '@bff/core/authoring'
import { hearPoolErrors, postgresStore as storeOfClient } from '@bff/store-sql'
import { type PostgresJsClient, postgresStore as storeOfDriver } from '@bff/store-sql/postgres'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import {
  type DrizzleStores,
  namesOf,
  refuseUnknownOptions,
  type StoreOptions,
  sharedOptions,
} from '../shared/assemble.ts'
import { clientOf, type PostgresDb } from './client.ts'
import { bffSessions, bffTtl, type SessionColumns, type TtlColumns } from './schema.ts'

export { DatabaseError } from '@bff/store-sql'
export type { DrizzleStores, StoreOptions } from '../shared/assemble.ts'
export type { PostgresDb } from './client.ts'
export * from './schema.ts'

export interface PostgresStoreOptions extends StoreOptions {
  /** Your own drizzle instance, on any Postgres driver; the store does not close it. Set either this or `url`. */
  readonly db?: PostgresDb
  /** The address: `postgres://user:password@host/database`. The pool closes with the store. */
  readonly url?: string
  /** The most connections to `url`, without the one for events. @default 10 */
  readonly poolSize?: number
  /** Your own tables, made with `sessionColumns()` and `ttlColumns()`. @default `bffSessions` and `bffTtl` */
  readonly tables?: { readonly sessions?: PgTable & SessionColumns; readonly ttl?: PgTable & TtlColumns }
  /** The channel for events: use a separate one for each BFF that shares the database. @default 'bff_events' */
  readonly channel?: string
}

/**
 * Makes a store in Postgres 12 or later. It never creates or changes a table: apply the migrations, and call `check()` at
 * start-up to verify them.
 *
 * @throws BffError `invalid_config` for an unknown option, unless exactly one of `db` and `url` is given, or for a limit
 * that is not a whole number above zero
 */
export function postgresStore(options: PostgresStoreOptions): DrizzleStores {
  const { db, url, poolSize, channel, tables } = options
  refuseUnknownOptions('postgresStore', options, ['url', 'poolSize', 'channel'])
  requireOneOf('postgresStore', options, ['url', 'db'])
  const shared = {
    ...sharedOptions(options, 'postgres', {
      sessions: nameOf(tables?.sessions ?? bffSessions),
      ttl: nameOf(tables?.ttl ?? bffTtl),
    }),
    ...(channel !== undefined && { channel }),
  }
  if (db === undefined) {
    return storeOfDriver({
      ...shared,
      ...(url !== undefined && { url }),
      ...(poolSize !== undefined && { poolSize }),
    })
  }
  const client: unknown = '$client' in db ? db.$client : null
  if (isPostgresJs(client)) return storeOfDriver({ ...shared, client })
  if (isNodePostgresPool(client)) hearPoolErrors(client)
  return storeOfClient({ ...shared, client: clientOf(db) })
}

const nameOf = (table: PgTable) => namesOf(table, getTableConfig(table).schema)

/** Its statements go to the driver itself, which prepares them once and listens. Other drivers' `listen` means something else. */
function isPostgresJs(client: unknown): client is PostgresJsClient {
  return typeof client === 'function' && 'unsafe' in client && 'listen' in client
}

const isNodePostgresPool = (client: unknown): client is EventEmitter =>
  client instanceof EventEmitter && 'totalCount' in client && 'idleCount' in client
