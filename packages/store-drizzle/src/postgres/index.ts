/**
 * `@bff/store-drizzle/postgres`: sessions, short-lived values and events in Postgres.
 *
 * @module
 */
import type { PgTable } from 'drizzle-orm/pg-core'
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
import { borrowPostgres, connectPostgres } from './connect.ts'
import type { PostgresDb } from './db.ts'
import { describePostgres } from './describe.ts'
import { classifyPostgres } from './errors.ts'
import { type PostgresEvents, postgresEvents } from './events.ts'
import { bffSessions, bffTtl, type SessionColumns, type TtlColumns } from './schema.ts'
import { postgresRules, postgresSessions } from './sessions.ts'
import { postgresTtl } from './ttl.ts'

export type { DrizzleStores, StoreOptions } from '../shared/assemble.ts'
export { DatabaseError } from '../shared/errors.ts'
export type { PostgresDb } from './db.ts'
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
  const { db, url, poolSize = 10, channel = 'bff_events', operationTimeoutMs = DEFAULT_TIMEOUT_MS } = options
  refuseUnknownOptions('postgresStore', options, ['url', 'poolSize', 'channel'])
  requireOneOf({ url, db })
  requireCount('poolSize', poolSize)
  const tables = {
    sessions: (options.tables?.sessions ?? bffSessions) as typeof bffSessions,
    ttl: (options.tables?.ttl ?? bffTtl) as typeof bffTtl,
  }
  const conditions = new Conditions(tables.sessions, postgresRules)
  const sockets = new Sockets(operationTimeoutMs)
  const connect = once(async () =>
    db === undefined
      ? connectPostgres(url ?? '', { poolSize, timeoutMs: operationTimeoutMs, sockets })
      : borrowPostgres(db),
  )
  let events: PostgresEvents | undefined
  const open = once(async (): Promise<Engine> => {
    const connection = await connect()
    return {
      sessions: postgresSessions(connection.db, tables.sessions, conditions),
      ttl: postgresTtl(connection.db, tables.ttl),
      describe: (table) => describePostgres(connection.db, table as PgTable),
      end: () => {
        events?.close()
        return connection.end()
      },
    }
  })
  return assembleStores({
    open,
    tables,
    conditions,
    options,
    sockets,
    classify: classifyPostgres,
    migrations: 'drizzle/postgres',
    events: (database) => {
      events = postgresEvents(database, connect, channel)
      return events
    },
  })
}
