import type { TablesRelationalConfig } from 'drizzle-orm'
import type { MySqlDatabase } from 'drizzle-orm/mysql-core'
import {
  drizzle,
  type MySql2PreparedQueryHKT,
  type MySql2QueryResultHKT,
  type MySqlRawQueryResult,
} from 'drizzle-orm/mysql2'
import { createPool } from 'mysql2/promise'

type AnyMysqlDb = MySqlDatabase<
  MySql2QueryResultHKT,
  MySql2PreparedQueryHKT,
  Record<string, unknown>,
  TablesRelationalConfig
>

/** Any drizzle instance on mysql2, whatever its schema. */
export type MysqlDb = Pick<AnyMysqlDb, 'select' | 'insert' | 'update' | 'delete' | 'execute' | 'transaction'>

export interface MysqlConnection {
  readonly db: MysqlDb
  end(): Promise<void>
}

/** How many rows a statement matched or, without the FOUND_ROWS flag, changed (STO-13). */
export function affected([{ affectedRows }]: MySqlRawQueryResult): number {
  return affectedRows
}

export function connectMysql(
  url: string,
  { poolSize, timeoutMs }: { readonly poolSize: number; readonly timeoutMs: number },
): MysqlConnection {
  const pool = createPool({
    uri: url,
    connectionLimit: poolSize,
    connectTimeout: timeoutMs,
    charset: 'utf8mb4_bin',
    flags: ['+FOUND_ROWS'],
  })
  const lockWait = Math.max(1, Math.ceil(timeoutMs / 1000))
  pool.pool.on('connection', (connection) => {
    // Strict: a value too long is an error, never cut. Sent ahead of the connection's first statement.
    connection.query(
      `set session sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = ${lockWait}`,
      () => {},
    )
  })
  return { db: drizzle({ client: pool }), end: () => pool.end() }
}
