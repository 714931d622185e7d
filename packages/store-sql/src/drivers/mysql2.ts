/**
 * `@bff/store-sql/mysql2`: sessions and short-lived values in MySQL or MariaDB, through mysql2.
 *
 * @module
 */
import { requireOneOf } from '@bff/core/authoring'
import { createPool, type Pool, type PoolConnection, type ResultSetHeader } from 'mysql2/promise'
import { assembleMysql, type MysqlConnection } from '../mysql/store.ts'
import type { MysqlClient, MysqlQuery, Row } from '../port.ts'
import { POOL, type PoolOptions, readStoreOptions, type SqlStores } from '../store/assemble.ts'
import { Sockets } from './sockets.ts'
import { turnLimit } from './turn-limit.ts'

export type { PoolOptions, SqlStores, StoreOptions } from '../store/assemble.ts'
export { DatabaseError } from '../store/errors.ts'

/**
 * Makes a store in MySQL 8 or MariaDB 10.8 and later, in InnoDB. It never creates or changes a table: apply the migrations,
 * and call `check()` at start-up to verify them. Events stay in this process.
 *
 * @throws BffError `invalid_config` for an unknown option, unless exactly one of `client` and `url` is given, or for a limit
 * that is not a whole number above zero
 *
 * @example
 * ```ts
 * import { mysqlStore } from '@bff/store-sql/mysql2'
 *
 * const store = mysqlStore({ url: 'mysql://localhost/app' })
 * ```
 */
export function mysqlStore(options: PoolOptions<Pool>): SqlStores {
  const { client } = options
  const { url, poolSize, operationTimeoutMs: timeoutMs } = readStoreOptions('mysqlStore', options, POOL)
  requireOneOf('mysqlStore', options, ['url', 'client'])
  const sockets = new Sockets(timeoutMs)
  const connect = (): MysqlConnection =>
    client === undefined
      ? connectMysql(url ?? '', { poolSize, timeoutMs, sockets })
      : { client: clientOf(client, timeoutMs), end: async () => {} }
  return assembleMysql({ connect, options, watch: () => sockets.watch() })
}

/** What mysql2 passes to the function that makes its sockets. */
interface StreamOptions {
  readonly config: { readonly host: string; readonly port: number; readonly socketPath?: string | undefined }
}

/** The share of a call's time that the server gets for a statement, so that it stops before the store does. */
const SERVER_SHARE = 0.9

function connectMysql(
  url: string,
  {
    poolSize,
    timeoutMs,
    sockets,
  }: { readonly poolSize: number; readonly timeoutMs: number; readonly sockets: Sockets },
): MysqlConnection {
  const pool = createPool({
    uri: url,
    connectionLimit: poolSize,
    connectTimeout: timeoutMs,
    stream: ({ config: { socketPath, host, port } }: StreamOptions) =>
      sockets.connect(socketPath ? { path: socketPath } : { host, port }),
    charset: 'utf8mb4_bin',
    flags: ['+FOUND_ROWS'],
  })
  const lockWait = Math.max(1, Math.ceil(timeoutMs / 1000))
  pool.pool.on('connection', (connection) => {
    // Strict: a value too long is an error, never cut. Sent ahead of the connection's first statement. Only MariaDB
    // has a limit for any statement, and one for a transaction whose client is gone without a word: its rows stay
    // locked for as long.
    connection.query(
      `set session sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = ${lockWait}
        /*M! , max_statement_time = ${(timeoutMs * SERVER_SHARE) / 1000}, idle_transaction_timeout = ${lockWait} */`,
      () => {},
    )
  })
  // A connection that is dead fails to say goodbye; it is gone all the same.
  return { client: clientOf(pool, timeoutMs), end: () => pool.end().catch(() => {}) }
}

function clientOf(pool: Pool, timeoutMs: number): MysqlClient {
  async function onConnection<T>(work: (connection: PoolConnection) => Promise<T>): Promise<T> {
    const requireInTime = turnLimit(timeoutMs)
    const connection = await pool.getConnection()
    try {
      // The pool lets calls wait without a limit.
      requireInTime()
      return await work(connection)
    } finally {
      connection.release()
    }
  }
  return {
    query: (sql, values) => onConnection((connection) => queryOn(connection)(sql, values)),
    transaction: (work, isolation) =>
      onConnection(async (connection) => {
        if (isolation !== undefined) await connection.query(`set transaction isolation level ${isolation}`)
        await connection.query('begin')
        try {
          const result = await work(queryOn(connection))
          await connection.query('commit')
          return result
        } catch (error) {
          // A connection that cannot roll back is no use to anyone, and says less than what broke it.
          await connection.query('rollback').catch(() => connection.destroy())
          throw error
        }
      }),
  }
}

function queryOn(on: PoolConnection): MysqlQuery {
  return async (sql, values) => {
    const [result] = await on.query({ sql, values: [...values], rowsAsArray: true })
    return Array.isArray(result)
      ? { rows: result as Row[], affectedRows: 0 }
      : { rows: [], affectedRows: (result as ResultSetHeader).affectedRows }
  }
}
