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

/** What the stores of all engines have in common. */
export interface StoreOptions {
  /** Milliseconds after which a call gives up with `store_unavailable`. @default 5000 */
  readonly operationTimeoutMs?: number
  /** Calls under way at the most, waiting ones included; further ones fail at once. @default 1000 */
  readonly maxPending?: number
  /** Judges the life of short-lived values, so all processes need the same time. @default the system's clock */
  readonly clock?: Clock
}

/** What the store functions of this package make. Closing `sessions` closes all of it. */
export interface DrizzleStores extends Stores {
  /**
   * Resolves when the database has every table, column and index the store needs.
   *
   * @throws BffError `invalid_config` with a sentence that says what lacks, `store_unavailable` on a fault
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
  /** The connections of a pool of the store's own. */
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

/** @throws BffError `invalid_config` for an option there is not */
export function refuseUnknownOptions(of: string, options: StoreOptions, own: readonly string[]): void {
  refuseUnknown(of, options, ['db', 'tables', 'operationTimeoutMs', 'maxPending', 'clock', ...own])
}

/**
 * The option that names the database and the app's own drizzle instance exclude each other.
 *
 * @throws BffError `invalid_config` unless exactly one is given
 */
export function requireOneOf(options: Readonly<Record<string, unknown>>): void {
  const given = Object.values(options).filter((value) => value !== undefined)
  if (given.length === 1) return
  const names = Object.keys(options).join(' or ')
  throw new BffError('invalid_config', `Give the store either ${names}: db is your own drizzle instance.`)
}
