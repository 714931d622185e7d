import type { Clock, EventBus, Stores } from '@bff/core'
import {
  createAttachment,
  type OptionRule,
  type OptionValues,
  option,
  readOptions,
} from '@bff/core/authoring'
import { inProcessEventBus } from '@bff/core/store'
import type { Answer } from '../port.ts'
import { Conditions, type SessionColumn } from '../sql/conditions.ts'
import type { Dialect } from '../sql/dialect.ts'
import { type Table, type TableName, table } from '../sql/table.ts'
import type { TtlColumn } from '../sql/ttl.ts'
import { checkSchema, type Needs, SESSION_LOOKUPS, TTL_LOOKUPS } from './check.ts'
import { Database } from './database.ts'
import type { Engine } from './engine.ts'
import type { Classify } from './errors.ts'
import { ROW_FIELDS } from './record.ts'
import { SqlSessionStore } from './sessions.ts'
import { SqlTtlStore } from './ttl.ts'

/** The options that the stores of all engines share. */
export interface StoreOptions {
  /** After how many milliseconds a call throws `store_unavailable`. @default 5000 */
  readonly operationTimeoutMs?: number
  /** The most calls under way, including waiting ones; more calls fail at once. @default 1000 */
  readonly maxPending?: number
  /** The clock for the expiry of short-lived values; all processes need the same time. @default the clock of the BFF */
  readonly clock?: Clock
  /**
   * Your own tables, with the columns of `bff_sessions` and `bff_ttl`, and more: `{ sessions: { name, schema, columns } }`.
   * @default `bff_sessions` and `bff_ttl`
   */
  readonly tables?: { readonly sessions?: TableName; readonly ttl?: TableName }
  /** What `check()` says to do when something is missing. @default the command that prints the migrations */
  readonly remedy?: string
}

/** The options of stores over a client of the app's own. */
export interface PortOptions<Client> extends StoreOptions {
  /** Your own way to the database; the store does not close it. */
  readonly client: Client
}

/** The options of stores over a pool of connections. */
export interface PoolOptions<Client> extends StoreOptions {
  /** Your own pool of the driver; the store does not close it. Set either this or `url`. */
  readonly client?: Client
  /** The address: `postgres://…` or `mysql://user:password@host/database`. The pool closes with the store. */
  readonly url?: string
  /** The most connections to `url`. Postgres takes one more for events. @default 10 */
  readonly poolSize?: number
}

/** The stores of this package. Closing `sessions` closes all of them. */
export interface SqlStores extends Stores {
  /**
   * Resolves when the database has every table, column and index that the store needs.
   *
   * @throws BffError `invalid_config` with a sentence that says what is missing, `store_unavailable` on a fault
   */
  check(): Promise<void>
}

export interface Tables {
  readonly sessions: Table<SessionColumn>
  readonly ttl: Table<TtlColumn>
}

export interface Parts {
  /** Opens the driver, for the first call. */
  readonly open: (tables: Tables, conditions: Conditions) => Answer<Engine>
  readonly dialect: Dialect
  readonly classify: Classify
  /** What `bff schema sql` calls the engine. */
  readonly engine: 'postgres' | 'mysql' | 'sqlite'
  readonly options: StoreOptions
  /** Called when a call begins. The function that it returns is called when that call got no response in time. */
  readonly watch?: () => () => void
  readonly events?: (database: Database) => EventBus
}

export const DEFAULT_TIMEOUT_MS = 5000

export function assembleStores({ dialect, options, watch, ...parts }: Parts): SqlStores {
  const { operationTimeoutMs = DEFAULT_TIMEOUT_MS, maxPending = 1000 } = options
  const attachment = createAttachment({ clock: options.clock })
  const tables: Tables = {
    sessions: table(options.tables?.sessions ?? { name: 'bff_sessions' }, dialect.quote),
    ttl: table(options.tables?.ttl ?? { name: 'bff_ttl' }, dialect.quote),
  }
  const conditions = new Conditions(tables.sessions, dialect)
  const gate = { classify: parts.classify, operationTimeoutMs, maxPending, ...(watch && { watch }) }
  const database = new Database(() => parts.open(tables, conditions), gate)
  const needs: readonly Needs[] = [
    { table: tables.sessions, fields: [...ROW_FIELDS, 'endsAt'], unique: 'id', lookups: SESSION_LOOKUPS },
    { table: tables.ttl, fields: ['key', 'value', 'expiresAt'], unique: 'key', lookups: TTL_LOOKUPS },
  ]
  const {
    remedy = `Apply the migrations in migrations/${parts.engine} of @bff/store-sql: bff schema sql ${parts.engine} prints them.`,
  } = options
  return {
    sessions: new SqlSessionStore(database, conditions),
    ttl: new SqlTtlStore(database, attachment),
    events: parts.events?.(database) ?? inProcessEventBus(),
    check: () => checkSchema(database, needs, remedy),
  }
}

/** The rules of every store, also of one that makes its own tables. */
export const CALLS = {
  operationTimeoutMs: option.wholeNumber(DEFAULT_TIMEOUT_MS, 1),
  maxPending: option.wholeNumber(1000, 1),
  clock: option.clock(),
}

const SHARED = {
  client: option.given<unknown>(),
  tables: option.given<StoreOptions['tables']>(),
  remedy: option.optional(option.text()),
  ...CALLS,
}

/** The rules of a store that can open a pool of its own. */
export const POOL = { url: option.optional(option.text()), poolSize: option.wholeNumber(10, 1) }

/** @throws BffError `invalid_config` with the option and the values it accepts */
export function readStoreOptions<const Own extends Readonly<Record<string, OptionRule<unknown>>>>(
  of: string,
  options: object,
  own: Own,
): OptionValues<typeof SHARED & Own> {
  return readOptions(of, options, { ...SHARED, ...own })
}
