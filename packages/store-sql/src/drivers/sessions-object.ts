import { option, readOptions } from '@bff/core/authoring'
import type { SqlStatement, SqlValue } from '../port.ts'
import { SQLITE_MIGRATIONS } from '../sqlite/migrations.ts'
import { assembleSqlite } from '../sqlite/store.ts'
import { sqliteCode } from './workerd.ts'

/** What a row of a Durable Object has in it. */
export type StoredValue = ArrayBuffer | string | number | null

/** The part of `DurableObjectState` that the class uses. */
export interface SessionsObjectState {
  readonly storage: SessionsObjectStorage
}

/** The part of `DurableObjectStorage` that the class uses. */
export interface SessionsObjectStorage {
  readonly sql: { exec(text: string, ...values: SqlValue[]): { raw(): Iterable<StoredValue[]> } }
  transactionSync<T>(work: () => T): T
  getAlarm(): Promise<number | null>
  setAlarm(at: number): Promise<void>
}

/** The options of `sessionsObject`. */
export interface SessionsObjectOptions {
  /** How long a revoked session is kept for the audit trail, in milliseconds. @default 604_800_000 (7 days) */
  readonly retainRevokedMs?: number
}

/** What the class adds to its base: the methods that `durableObjectStore` calls, and the cleanup. */
export interface SessionsObject {
  query(text: string, values: readonly SqlValue[]): StoredValue[][]
  batch(statements: readonly SqlStatement[]): StoredValue[][][]
  alarm(): Promise<void>
}

const OPTIONS = { retainRevokedMs: option.number(604_800_000, 0, 31_536_000_000) }

/** Milliseconds from one cleanup to the next. */
const CLEANUP_INTERVAL_MS = 3_600_000
/** The most records that one cleanup deletes, so that requests get their turn in between. */
const CLEANUP_BATCH = 500

/**
 * Makes the class of the Durable Object that holds the sessions. Its constructor applies the migrations that are missing. While it
 * holds anything, its alarm deletes expired and long revoked sessions once an hour.
 *
 * @param base `DurableObject` of `cloudflare:workers`, or a class of your own that extends it and has no alarm
 * @throws BffError `invalid_config` for an unknown option, or one out of its range
 *
 * @example
 * ```ts
 * import { sessionsObject } from '@bff/store-sql/durable-objects'
 * import { DurableObject } from 'cloudflare:workers'
 *
 * export class Sessions extends sessionsObject(DurableObject) {}
 * ```
 */
export function sessionsObject<State extends SessionsObjectState, Env, Instance extends object>(
  base: abstract new (state: State, env: Env) => Instance,
  options: SessionsObjectOptions = {},
): new (
  state: State,
  env: Env,
) => Instance & SessionsObject {
  const { retainRevokedMs } = readOptions('sessionsObject', options, OPTIONS)
  // TypeScript does not extend a class whose instances are a type parameter.
  const Base = base as unknown as new (state: SessionsObjectState, env: unknown) => object

  class Sessions extends Base implements SessionsObject {
    readonly #storage: SessionsObjectStorage
    #hasAlarm = false

    constructor(state: SessionsObjectState, env: unknown) {
      super(state, env)
      this.#storage = state.storage
      migrate(this.#storage)
    }

    query(text: string, values: readonly SqlValue[]): StoredValue[][] {
      this.#ensureAlarm()
      return run(this.#storage, { text, values })
    }

    batch(statements: readonly SqlStatement[]): StoredValue[][][] {
      this.#ensureAlarm()
      return runAll(this.#storage, statements)
    }

    async alarm(): Promise<void> {
      // When this fails, the next call sets an alarm again.
      this.#hasAlarm = false
      const pauseMs = await cleanUp(this.#storage, retainRevokedMs)
      if (pauseMs === null) return
      this.#hasAlarm = true
      await this.#storage.setAlarm(Date.now() + pauseMs)
    }

    #ensureAlarm(): void {
      if (this.#hasAlarm) return
      this.#hasAlarm = true
      void setFirstAlarm(this.#storage)
    }
  }
  return Sessions as unknown as new (
    state: State,
    env: Env,
  ) => Instance & SessionsObject
}

/** Applies what is missing. All of it is synchronous, so no call comes in between. */
function migrate(storage: SessionsObjectStorage): void {
  storage.transactionSync(() => {
    storage.sql.exec('create table if not exists bff_migrations (number integer primary key)')
    const [[applied]] = [...storage.sql.exec('select count(*) from bff_migrations').raw()] as [[number]]
    for (const [number, text] of SQLITE_MIGRATIONS.entries()) {
      if (number < applied) continue
      storage.sql.exec(text)
      storage.sql.exec('insert into bff_migrations values (?)', number)
    }
  })
}

/** An alarm that an earlier instance of the object set stays. */
async function setFirstAlarm(storage: SessionsObjectStorage): Promise<void> {
  if ((await storage.getAlarm()) === null) await storage.setAlarm(Date.now() + CLEANUP_INTERVAL_MS)
}

/** Returns the milliseconds until the next cleanup; `null`: nothing is left, and no object is billed for an alarm. */
async function cleanUp(storage: SessionsObjectStorage, retainRevokedMs: number): Promise<number | null> {
  const client = {
    query: (text: string, values: readonly SqlValue[]) => run(storage, { text, values }),
    batch: (statements: readonly SqlStatement[]) => runAll(storage, statements),
  }
  const { sessions } = assembleSqlite(() => ({ client, end: () => {} }), {})
  const now = Date.now()
  const { more } = await sessions.cleanup({ now, limit: CLEANUP_BATCH, retainRevokedMs })
  run(storage, { text: 'delete from bff_ttl where expires_at <= ?', values: [now] })
  if (more) return 0
  const left = run(storage, {
    text: 'select 1 from bff_sessions union all select 1 from bff_ttl limit 1',
    values: [],
  })
  return left.length > 0 ? CLEANUP_INTERVAL_MS : null
}

function runAll(storage: SessionsObjectStorage, statements: readonly SqlStatement[]): StoredValue[][][] {
  return storage.transactionSync(() => statements.map((statement) => run(storage, statement)))
}

/** An error crosses to the caller, and into the log, as SQLite's result code alone: its own message may hold data. */
function run({ sql }: SessionsObjectStorage, { text, values }: SqlStatement): StoredValue[][] {
  try {
    return [...sql.exec(text, ...values).raw()]
  } catch (error) {
    const code = sqliteCode(error)
    throw code === undefined ? error : new Error(code)
  }
}
