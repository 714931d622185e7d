import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Stores } from '@bff/core'
import { startMariadb, startPostgres, startRedis } from '@bff/servers'
import { mysqlStore } from '@bff/store-drizzle/mysql'
import { postgresStore } from '@bff/store-drizzle/postgres'
import { sqliteStore } from '@bff/store-drizzle/sqlite'
import { redisStore } from '@bff/store-redis'
import BetterSqlite3 from 'better-sqlite3'
import { createConnection } from 'mysql2/promise'
import postgres from 'postgres'

export const ENGINES = ['redis', 'sqlite', 'postgres', 'mysql'] as const
export type Engine = (typeof ENGINES)[number]

/** A store's server, or its file, with its tables made. */
export interface StoreHome {
  readonly address: string
  close(): Promise<void>
}

/** The same in every process. */
export function openStore(engine: Engine, address: string): Stores {
  const operationTimeoutMs = 30_000
  if (engine === 'redis') return redisStore({ url: address, operationTimeoutMs })
  if (engine === 'postgres') return postgresStore({ url: address, operationTimeoutMs })
  if (engine === 'mysql') return mysqlStore({ url: address, operationTimeoutMs })
  return sqliteStore({ path: address, operationTimeoutMs })
}

export async function makeHome(engine: Engine): Promise<StoreHome> {
  if (engine === 'redis') {
    const server = await startRedis()
    return { address: server.url, close: () => server.stop() }
  }
  if (engine === 'postgres') {
    const server = await startPostgres()
    const client = postgres(server.url, { max: 1, onnotice: () => {} })
    for (const statement of migrationsOf(engine)) await client.unsafe(statement)
    await client.end()
    return { address: server.url, close: () => server.stop() }
  }
  if (engine === 'mysql') {
    const server = await startMariadb()
    const client = await createConnection(server.url)
    for (const statement of migrationsOf(engine)) await client.query(statement)
    await client.end()
    return { address: server.url, close: () => server.stop() }
  }
  const folder = mkdtempSync(join(tmpdir(), 'bff-wallet-'))
  const address = join(folder, 'sessions.db')
  const client = new BetterSqlite3(address)
  for (const statement of migrationsOf(engine)) client.exec(statement)
  client.close()
  return { address, close: async () => rmSync(folder, { recursive: true, force: true }) }
}

/** The statements `@bff/store-drizzle` ships for an engine, in order. */
function migrationsOf(engine: 'sqlite' | 'postgres' | 'mysql'): string[] {
  const manifest = createRequire(import.meta.url).resolve('@bff/store-drizzle/package.json')
  const folder = join(dirname(manifest), 'drizzle', engine)
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  return files.sort().flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split('--> statement-breakpoint')
      .map((statement) => statement.trim()),
  )
}
