import { closeSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { drizzle as drizzleSqlite } from 'drizzle-orm/better-sqlite3'
import { migrate as applySqlite } from 'drizzle-orm/better-sqlite3/migrator'
import { drizzle as drizzleMysql } from 'drizzle-orm/mysql2'
import { migrate as applyMysql } from 'drizzle-orm/mysql2/migrator'
import { drizzle as drizzlePostgres } from 'drizzle-orm/postgres-js'
import { migrate as applyPostgres } from 'drizzle-orm/postgres-js/migrator'
import { createConnection } from 'mysql2/promise'
import postgres from 'postgres'

/** The SQL `@bff/store-drizzle` ships for an engine. Drizzle notes in the database what it has applied. */
function migrationsOf(engine: 'sqlite' | 'postgres' | 'mysql'): { migrationsFolder: string } {
  const manifest = createRequire(import.meta.url).resolve('@bff/store-drizzle/package.json')
  return { migrationsFolder: join(dirname(manifest), 'drizzle', engine) }
}

export function migrateSqlite(path: string): void {
  // Readable by its owner only, as the store would make it.
  closeSync(openSync(path, 'a', 0o600))
  const client = new BetterSqlite3(path)
  try {
    applySqlite(drizzleSqlite(client), migrationsOf('sqlite'))
  } finally {
    client.close()
  }
}

export async function migratePostgres(url: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await applyPostgres(drizzlePostgres(client), migrationsOf('postgres'))
  } finally {
    await client.end()
  }
}

/** Makes the database of the address first, where there is none. */
export async function migrateMysql(url: string): Promise<void> {
  const client = await createConnection(url).catch(async (error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ER_BAD_DB_ERROR')) throw error
    await createDatabase(url)
    return createConnection(url)
  })
  try {
    await applyMysql(drizzleMysql(client), migrationsOf('mysql'))
  } finally {
    await client.end()
  }
}

async function createDatabase(url: string): Promise<void> {
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  const client = await createConnection(new URL('/', url).href)
  try {
    await client.query('create database ??', [name])
  } finally {
    await client.end()
  }
}
