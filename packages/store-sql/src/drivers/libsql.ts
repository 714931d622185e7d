/**
 * `@bff/store-sql/libsql`: sessions and short-lived values in a local file or on a server of libsql, through `@libsql/client`.
 *
 * @module
 */
import { BffError } from '@bff/core'
import type { Client, InArgs } from '@libsql/client'
import type { Answer, Row, SqlClient } from '../port.ts'
import {
  BUSY_TIMEOUT_MS,
  createPrivately,
  type FileOptions,
  pragmas,
  requireFileOptions,
} from '../sqlite/file.ts'
import { assembleSqlite, type SqliteConnection } from '../sqlite/store.ts'
import { DEFAULT_TIMEOUT_MS, type SqlStores } from '../store/assemble.ts'
import { turnLimit } from './turn-limit.ts'

export type { FileOptions } from '../sqlite/file.ts'
export type { SqlStores, StoreOptions } from '../store/assemble.ts'
export { DatabaseError } from '../store/errors.ts'

/** The part of a client of `@libsql/client` that the store uses. */
export type LibsqlClient = Pick<Client, 'execute' | 'batch' | 'protocol'>

/**
 * Makes a store in a database of libsql. It never creates or changes a table: apply the migrations, and call `check()` at
 * start-up to verify them. Events stay in this process.
 *
 * @throws BffError `invalid_config` for an unknown option, unless exactly one of `client` and `path` is given, and for a client
 * of a file, whose connections the store could not replace after `SQLITE_BUSY`
 *
 * @example
 * ```ts
 * import { createClient } from '@libsql/client'
 * import { sqliteStore } from '@bff/store-sql/libsql'
 *
 * const store = sqliteStore({ client: createClient({ url: 'libsql://app.example.com' }) })
 * ```
 */
export function sqliteStore(options: FileOptions<LibsqlClient>): SqlStores {
  const { client, path } = requireFileOptions(options)
  if (client?.protocol === 'file')
    throw new BffError(
      'invalid_config',
      'sqliteStore: A libsql client of a file can read old sessions after SQLITE_BUSY. Set path in place of client.',
    )
  const open = () =>
    client === undefined
      ? connect(path ?? '', options.synchronous ?? 'full', options.operationTimeoutMs ?? DEFAULT_TIMEOUT_MS)
      : { client: clientOf(client), end: () => {} }
  return assembleSqlite(open, options)
}

async function connect(
  path: string,
  synchronous: 'full' | 'normal',
  timeoutMs: number,
): Promise<SqliteConnection> {
  createPrivately(path)
  // Only here: its native part cannot be bundled, and a client of the app's own needs none of it.
  const { createClient } = await import('@libsql/client')
  // One connection: the settings are those of a connection, and every call within the process is one turn anyway.
  const client = createClient({ url: `file:${path}`, concurrency: 1, timeout: BUSY_TIMEOUT_MS })
  const configure = async () => {
    for (const pragma of pragmas(synchronous)) await client.execute(pragma)
  }
  const reconnect = async () => {
    await client.reconnect()
    await configure()
  }
  try {
    await configure()
  } catch (error) {
    client.close()
    throw error
  }
  return { client: reconnecting(clientOf(client), reconnect, timeoutMs), end: () => client.close() }
}

/**
 * A statement that met `SQLITE_BUSY` stays open until it is collected. Its connection then keeps the snapshot of its next
 * commit: it reads what was stored then, and writes fail with `SQLITE_BUSY_SNAPSHOT`. So the next call gets a new connection.
 */
function reconnecting(client: SqlClient, reconnect: () => Promise<void>, timeoutMs: number): SqlClient {
  let isStale = false
  let last: Promise<unknown> = Promise.resolve()
  /** One call at a time: a new connection is an error for a call that waits for the old one. */
  const inTurn = <T>(call: () => Answer<T>): Promise<T> => {
    const requireInTime = turnLimit(timeoutMs)
    const turn = last.then(async () => {
      requireInTime()
      if (isStale) await reconnect()
      isStale = false
      try {
        return await call()
      } catch (error) {
        isStale = error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
        throw error
      }
    })
    last = turn.catch(() => {})
    return turn
  }
  return {
    query: (...statement) => inTurn(() => client.query(...statement)),
    batch: (statements) => inTurn(() => client.batch(statements)),
  }
}

function clientOf(client: LibsqlClient): SqlClient {
  const statementOf = (sql: string, values: readonly unknown[]) => ({ sql, args: [...values] as InArgs & [] })
  const rowsOf = ({ columns, rows }: Awaited<ReturnType<LibsqlClient['execute']>>): Row[] =>
    rows.map((row) => columns.map((_, index) => row[index]))
  return {
    query: async (text, values) => rowsOf(await named(client.execute(statementOf(text, values)))),
    async batch(statements) {
      const all = statements.map(({ text, values }) => statementOf(text, values))
      return (await named(client.batch(all, 'write'))).map(rowsOf)
    },
  }
}

/** The extended code tells a taken id from another constraint. */
async function named<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof Error && 'extendedCode' in error && error.extendedCode)) throw error
    throw Object.assign(new Error(String(error.extendedCode)), { code: error.extendedCode })
  }
}
