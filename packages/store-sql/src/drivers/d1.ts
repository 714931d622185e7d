/**
 * `@bff/store-sql/d1`: sessions and short-lived values in Cloudflare D1.
 *
 * @module
 */
import type { Row, SqlClient, SqlValue } from '../port.ts'
import { assembleSqlite } from '../sqlite/store.ts'
import { type PortOptions, readStoreOptions, type SqlStores } from '../store/assemble.ts'
import { ownBytes, sqliteCode } from './workerd.ts'

export type { PortOptions, SqlStores, StoreOptions } from '../store/assemble.ts'
export { DatabaseError } from '../store/errors.ts'

/** The part of the binding `D1Database` that the store uses. */
export interface D1Client {
  prepare(text: string): D1Statement
  batch(statements: never[]): Promise<{ readonly results: unknown[] }[]>
}

/** The part of `D1PreparedStatement` that the store uses. */
export interface D1Statement {
  bind(...values: SqlValue[]): D1Statement
  raw(): Promise<unknown[][]>
}

/**
 * Makes a store in D1. D1 has no interactive transactions: a sign-in with `maxPerUser` is one batch. It never creates or changes a
 * table: apply the migrations, and call `check()` to verify them. Events stay in this isolate.
 *
 * @throws BffError `invalid_config` for an unknown option, or for a limit that is not a whole number above zero
 *
 * @example
 * ```ts
 * import { type D1Client, sqliteStore } from '@bff/store-sql/d1'
 *
 * const storeOf = (env: { DB: D1Client }) => sqliteStore({ client: env.DB })
 * ```
 */
export function sqliteStore(options: PortOptions<D1Client>): SqlStores {
  readStoreOptions('sqliteStore', options, {})
  return assembleSqlite(() => ({ client: clientOf(options.client), end: () => {} }), options)
}

function clientOf(client: D1Client): SqlClient {
  const prepare = (text: string, values: readonly SqlValue[]) =>
    client.prepare(text).bind(...values.map(ownBytes))
  return {
    query: (text, values) => named(prepare(text, values).raw()),
    batch: async (statements) => {
      const all = statements.map(({ text, values }) => prepare(text, values))
      const answers = await named(client.batch(all as never[]))
      return answers.map(({ results }) => results.map((row): Row => Object.values(row as object)))
    },
  }
}

async function named<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    const code = sqliteCode(error)
    throw code === undefined ? error : Object.assign(new Error(code), { code })
  }
}
