/**
 * `@bff/store-sql/durable-objects`: sessions and short-lived values in a Durable Object of Cloudflare Workers.
 *
 * @module
 */
import { type OptionRule, option, readOptions } from '@bff/core/authoring'
import type { Row, SqlClient, SqlStatement, SqlValue } from '../port.ts'
import { assembleSqlite } from '../sqlite/store.ts'
import { CALLS, type SqlStores, type StoreOptions } from '../store/assemble.ts'
import { ownBytes } from './workerd.ts'

export type { Row, SqlStatement, SqlValue } from '../port.ts'
export type { SqlStores, StoreOptions } from '../store/assemble.ts'
export { DatabaseError } from '../store/errors.ts'
export {
  type SessionsObject,
  type SessionsObjectOptions,
  type SessionsObjectState,
  type SessionsObjectStorage,
  type StoredValue,
  sessionsObject,
} from './sessions-object.ts'

/** The part of the binding `DurableObjectNamespace` that the store uses. */
export interface SessionsNamespace {
  idFromName(name: string): unknown
  get(id: never): SessionsStub
}

/** The part of a stub of the class that the store uses. */
export interface SessionsStub {
  query(text: string, values: readonly SqlValue[]): PromiseLike<readonly Row[]>
  batch(statements: readonly SqlStatement[]): PromiseLike<readonly (readonly Row[])[]>
}

/** The options of `durableObjectStore`. */
export interface DurableObjectStoreOptions
  extends Pick<StoreOptions, 'operationTimeoutMs' | 'maxPending' | 'clock'> {
  /** The binding of the class that `sessionsObject` makes. `namespace.jurisdiction('eu')` keeps the data there. */
  readonly namespace: SessionsNamespace
  /** The object. Each name is a store of its own, of which the others know nothing. @default 'sessions' */
  readonly name?: string
}

/**
 * Makes a store in one Durable Object, which creates its tables itself. Events stay in this isolate.
 *
 * @throws BffError `invalid_config` for an unknown option, a missing binding, or a limit that is not a whole number above zero
 *
 * @example
 * ```ts
 * import { durableObjectStore, type SessionsNamespace } from '@bff/store-sql/durable-objects'
 *
 * const storeOf = (env: { SESSIONS: SessionsNamespace }) => durableObjectStore({ namespace: env.SESSIONS })
 * ```
 */
export function durableObjectStore(options: DurableObjectStoreOptions): SqlStores {
  const { namespace, name } = readOptions('durableObjectStore', options, OPTIONS)
  return assembleSqlite(() => ({ client: clientOf(namespace, name), end: () => {} }), { ...options, remedy })
}

const binding: OptionRule<SessionsNamespace> = (value, invalid) => {
  if (value === undefined || value === null)
    throw invalid('must be the binding of the class: name it in the configuration of Wrangler')
  return value as SessionsNamespace
}

const OPTIONS = { namespace: binding, name: option.text('sessions'), ...CALLS }

/** The class may be in another Worker. */
const remedy = 'Deploy the class of the binding with this version of @bff/store-sql: it adds what is missing.'

function clientOf(namespace: SessionsNamespace, name: string): SqlClient {
  // A stub belongs to the request that made it, and is of no use after an error.
  const stub = () => namespace.get(namespace.idFromName(name) as never)
  const owned = ({ text, values }: SqlStatement) => ({ text, values: values.map(ownBytes) })
  return {
    query: (text, values) => named(stub().query(text, values.map(ownBytes))),
    batch: (statements) => named(stub().batch(statements.map(owned))),
  }
}

/** The marks that workerd puts on an error that is not one of SQLite. Whether the statement ran is then unknown. */
const MARKS = ['overloaded', 'durableObjectReset', 'retryable'] as const

async function named<T>(answer: PromiseLike<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const code = /^SQLITE_\w+$/.test(error.message)
      ? error.message
      : MARKS.find((mark) => (error as { [Mark in typeof mark]?: unknown })[mark] === true)
    throw code === undefined ? error : Object.assign(new Error(code), { code })
  }
}
