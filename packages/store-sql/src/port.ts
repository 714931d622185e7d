/** Drivers within the process answer at once, the others later. */
export type Answer<T> = T | Promise<T>

/** What a statement gets as a parameter. */
export type SqlValue = string | number | Uint8Array | null

/** The values of a row as the driver has them, in the order of the statement. */
export type Row = readonly unknown[]

/** A statement with a placeholder for each value: `$1` on Postgres, `?` on the others. */
export interface SqlStatement {
  readonly text: string
  readonly values: readonly SqlValue[]
}

/**
 * The port between the stores and a driver of Postgres or SQLite: two functions.
 *
 * An error keeps the `code` of the driver, such as `40001` or `SQLITE_BUSY`, on itself or on its `cause`.
 *
 * @example
 * ```ts
 * import type { SqlClient } from '@bff/store-sql'
 * import { CompiledQuery, type Kysely } from 'kysely'
 *
 * const clientOf = (db: Kysely<unknown>): SqlClient => {
 *   const run = async (on: Kysely<unknown>, text: string, values: readonly unknown[]) =>
 *     (await on.executeQuery(CompiledQuery.raw(text, [...values]))).rows.map((row) => Object.values(row as object))
 *   return {
 *     query: (text, values) => run(db, text, values),
 *     batch: (statements) =>
 *       db.transaction().setIsolationLevel('read committed').execute(async (transaction) => {
 *         const results = []
 *         for (const { text, values } of statements) results.push(await run(transaction, text, values))
 *         return results
 *       }),
 *   }
 * }
 * ```
 */
export interface SqlClient {
  /**
   * Runs one statement, and returns its rows. It must never run a statement again. `isRepeated` says that the same text comes
   * again and again: a driver may prepare it once.
   */
  query(text: string, values: readonly SqlValue[], isRepeated?: boolean): Answer<readonly Row[]>
  /**
   * Runs the statements one after the other in one transaction, and returns the rows of each. On Postgres the transaction
   * is `read committed`. On SQLite it takes the lock for writing as it begins: `begin immediate`.
   */
  batch(statements: readonly SqlStatement[]): Answer<readonly (readonly Row[])[]>
}

/** What a statement of MySQL answers: rows, or how many rows a write matched. */
export interface MysqlResult {
  readonly rows: readonly Row[]
  readonly affectedRows: number
}

/** Runs one statement on MySQL or MariaDB. */
export type MysqlQuery = (text: string, values: readonly SqlValue[]) => Promise<MysqlResult>

/** The port between the stores and a driver of MySQL or MariaDB, which have no `UPDATE … RETURNING`. */
export interface MysqlClient {
  /** Runs one statement. It must never run a statement again. */
  readonly query: MysqlQuery
  /** Runs `work` in one transaction: rolled back when it throws. `undefined` is the isolation level of the connection. */
  transaction<T>(work: (query: MysqlQuery) => Promise<T>, isolation?: 'read committed'): Promise<T>
}

/** Whether an answer comes later. Queries of some libraries are no promises, but can be waited for. */
export function isPending<T>(answer: Answer<T>): answer is Promise<T> {
  return typeof answer === 'object' && answer !== null && 'then' in answer
}

/** Applies `next` to an answer as soon as it is there. */
export function map<T, U>(answer: Answer<T>, next: (value: T) => U): Answer<U> {
  return isPending(answer) ? answer.then(next) : next(answer)
}
