import { mysqlStore } from '../src/mysql/index.ts'
import { postgresStore } from '../src/postgres/index.ts'
import { type DrizzleStores, sqliteStore } from '../src/sqlite/index.ts'

/** The stores a race is run on, by the name of their engine; the same in both processes. */
export function openForRaces(engine: string, address: string): DrizzleStores {
  const operationTimeoutMs = 30_000
  if (engine === 'postgres') return postgresStore({ url: address, operationTimeoutMs })
  if (engine === 'mysql') return mysqlStore({ url: address, operationTimeoutMs })
  return sqliteStore({ path: address, synchronous: 'normal', operationTimeoutMs })
}
