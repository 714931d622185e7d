import { BffError, type Clock, type EventBus, type Stores, systemClock } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import { inProcessEventBus } from '@bff/core/store'
import type { Table } from 'drizzle-orm'
import { checkSchema, type Needs, SESSION_LOOKUPS, TTL_LOOKUPS } from './check.ts'
import type { Conditions } from './conditions.ts'
import { Database } from './database.ts'
import type { Answer, Engine } from './engine.ts'
import type { Classify } from './errors.ts'
import { ROW_FIELDS } from './record.ts'
import { SqlSessionStore } from './sessions.ts'
import type { Sockets } from './sockets.ts'
import { SqlTtlStore } from './ttl.ts'

/** The options that the stores of all engines share. */
export interface StoreOptions {
  /** After how many milliseconds a call throws `store_unavailable`. @default 5000 */
  readonly operationTimeoutMs?: number
  /** The most calls under way, including waiting ones; more calls fail at once. @default 1000 */
  readonly maxPending?: number
  /** The clock for the expiry of short-lived values; all processes need the same time. @default the system's clock */
  readonly clock?: Clock
}

/** The stores of this package. Closing `sessions` closes all of them. */
export interface DrizzleStores extends Stores {
  /**
   * Resolves when the database has every table, column and index that the store needs.
   *
   * @throws BffError `invalid_config` with a sentence that says what is missing, `store_unavailable` on a fault
   */
  check(): Promise<void>
}

export interface Parts {
  readonly open: () => Answer<Engine>
  readonly tables: { readonly sessions: Table; readonly ttl: Table }
  readonly conditions: Conditions
  readonly classify: Classify
  /** The folder of this package that holds the engine's migrations. */
  readonly migrations: string
  readonly options: StoreOptions
  /** The connections of the store's own pool. */
  readonly sockets?: Sockets
  readonly events?: (database: Database) => EventBus
}

export const DEFAULT_TIMEOUT_MS = 5000

export function assembleStores({ tables, conditions, options, sockets, ...parts }: Parts): DrizzleStores {
  const { operationTimeoutMs = DEFAULT_TIMEOUT_MS, maxPending = 1000, clock = systemClock } = options
  requireCount('operationTimeoutMs', operationTimeoutMs)
  requireCount('maxPending', maxPending)
  const gate = {
    classify: parts.classify,
    operationTimeoutMs,
    maxPending,
    ...(sockets && { watch: () => sockets.watch() }),
  }
  const database = new Database(parts.open, gate)
  const needs: readonly Needs[] = [
    { table: tables.sessions, fields: [...ROW_FIELDS, 'endsAt'], unique: 'id', lookups: SESSION_LOOKUPS },
    { table: tables.ttl, fields: ['key', 'value', 'expiresAt'], unique: 'key', lookups: TTL_LOOKUPS },
  ]
  const remedy = `Apply the migrations in ${parts.migrations} of @bff/store-drizzle.`
  return {
    sessions: new SqlSessionStore(database, conditions),
    ttl: new SqlTtlStore(database, clock),
    events: parts.events?.(database) ?? inProcessEventBus(),
    check: () => checkSchema(database, needs, remedy),
  }
}

/** @throws BffError `invalid_config` unless it is a whole number above zero */
export function requireCount(name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return
  throw new BffError('invalid_config', `The store's ${name} must be a whole number above zero.`)
}

/** @throws BffError `invalid_config` for an option that does not exist */
export function refuseUnknownOptions(of: string, options: StoreOptions, own: readonly string[]): void {
  refuseUnknown(of, options, ['db', 'tables', 'operationTimeoutMs', 'maxPending', 'clock', ...own])
}

/**
 * Checks that either the address of the database or the app's own drizzle instance is set, and not both.
 *
 * @throws BffError `invalid_config` unless exactly one is given
 */
export function requireOneOf(options: Readonly<Record<string, unknown>>): void {
  const given = Object.values(options).filter((value) => value !== undefined)
  if (given.length === 1) return
  const names = Object.keys(options).join(' or ')
  throw new BffError('invalid_config', `Set either ${names} of the store: db is your own drizzle instance.`)
}
