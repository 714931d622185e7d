import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateEncryptionKey } from '@bff/core'
import { startMariadb, startPostgres, startRedis } from '@bff/servers'
import BetterSqlite3 from 'better-sqlite3'
import { drizzle as drizzleSqlite } from 'drizzle-orm/better-sqlite3'
import { migrate as migrateSqlite } from 'drizzle-orm/better-sqlite3/migrator'
import { drizzle as drizzleMysql } from 'drizzle-orm/mysql2'
import { migrate as migrateMysql } from 'drizzle-orm/mysql2/migrator'
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js'
import { migrate as migratePostgres } from 'drizzle-orm/postgres-js/migrator'
import { createConnection } from 'mysql2/promise'
import postgres from 'postgres'
import { startServer } from './measured-server.ts'
import type { Need, ProviderAddress, Surroundings } from './protocol.ts'

export interface RunningSurroundings {
  readonly addresses: Surroundings
  stop(): Promise<void>
}

type Part = { readonly address: Surroundings; stop(): Promise<void> | void }

/** Starts what the servers need, each in a process of its own. */
export async function startSurroundings(
  program: string,
  needs: readonly Need[],
): Promise<RunningSurroundings> {
  const parts: Part[] = []
  const stop = async () => {
    for (const part of parts) await part.stop()
  }
  try {
    for (const need of needs) parts.push(await START[need](program))
  } catch (error) {
    await stop()
    throw error
  }
  const addresses = Object.assign(
    { encryptionKey: generateEncryptionKey() },
    ...parts.map((part) => part.address),
  )
  return { addresses, stop }
}

const START: Record<Need, (program: string) => Promise<Part>> = {
  async api(program) {
    const server = await startServer(program, 'api', {})
    return { address: { api: server.origin }, stop: () => server.stop() }
  },

  async redis() {
    const server = await startRedis()
    return { address: { redis: server.url }, stop: () => server.stop() }
  },

  async postgres() {
    // As a server of a million sessions would have: all of them fit.
    const server = await startPostgres(['shared_buffers=512MB'])
    const client = postgres(server.url, { max: 1, onnotice: () => {} })
    await migratePostgres(drizzlePostgres(client), { migrationsFolder: MIGRATIONS('postgres') })
    await client.end()
    return { address: { postgres: server.url }, stop: () => server.stop() }
  },

  async mysql() {
    const server = await startMariadb()
    const admin = await createConnection(server.url)
    await admin.query('create database bff')
    await admin.end()
    const url = new URL('/bff', server.url).href
    const client = await createConnection(url)
    await migrateMysql(drizzleMysql(client), { migrationsFolder: MIGRATIONS('mysql') })
    await client.end()
    return { address: { mysql: url }, stop: () => server.stop() }
  },

  async sqlite() {
    const folder = mkdtempSync(join(tmpdir(), 'bff-bench-'))
    const path = join(folder, 'sessions.db')
    const client = new BetterSqlite3(path)
    client.pragma('journal_mode = wal')
    migrateSqlite(drizzleSqlite(client), { migrationsFolder: MIGRATIONS('sqlite') })
    client.close()
    return { address: { sqlite: path }, stop: () => rmSync(folder, { recursive: true, force: true }) }
  },

  async provider() {
    const child = fork(fileURLToPath(new URL('provider.ts', import.meta.url)), {
      execArgv: ['--import', 'tsx', '--conditions=@bff/source'],
    })
    const [provider] = (await once(child, 'message')) as [ProviderAddress]
    return { address: { provider }, stop: () => disconnect(child) }
  },
}

const MIGRATIONS = (engine: string) =>
  join(dirname(fileURLToPath(import.meta.resolve('@bff/store-drizzle/package.json'))), 'drizzle', engine)

async function disconnect(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.disconnect()
  await gone
}
