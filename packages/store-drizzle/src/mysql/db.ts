import type { TablesRelationalConfig } from 'drizzle-orm'
import type { MySqlDatabase } from 'drizzle-orm/mysql-core'
import {
  drizzle,
  type MySql2PreparedQueryHKT,
  type MySql2QueryResultHKT,
  type MySqlRawQueryResult,
} from 'drizzle-orm/mysql2'
import { createPool } from 'mysql2/promise'
import type { Sockets } from '../shared/sockets.ts'

type AnyMysqlDb = MySqlDatabase<
  MySql2QueryResultHKT,
  MySql2PreparedQueryHKT,
  Record<string, unknown>,
  TablesRelationalConfig
>

/** Any drizzle instance on mysql2, with any schema. */
export type MysqlDb = Pick<AnyMysqlDb, 'select' | 'insert' | 'update' | 'delete' | 'execute' | 'transaction'>

/** What mysql2 passes to the function that makes its sockets. */
interface StreamOptions {
  readonly config: { readonly host: string; readonly port: number; readonly socketPath?: string | undefined }
}

export interface MysqlConnection {
  readonly db: MysqlDb
  end(): Promise<void>
}

/** How many rows a statement matched or, without the FOUND_ROWS flag, changed (STO-13). */
export function affected([{ affectedRows }]: MySqlRawQueryResult): number {
  return affectedRows
}

/** The share of a call's time that the server gets for a statement, so that it stops before the store does. */
const SERVER_SHARE = 0.9

export function connectMysql(
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
  return { db: drizzle({ client: pool }), end: () => pool.end().catch(() => {}) }
}
