import { closeSync, mkdirSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Stores } from '@bff/core'
import { sqliteStore } from '@bff/store-drizzle/sqlite'
import { redisStore } from '@bff/store-redis'
import BetterSqlite3 from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import type { Settings } from './settings.ts'
import { madeFrom, StartError } from './start-error.ts'

/** Redis where the environment names one, for several instances; else SQLite beside the keys, for one. */
export async function openStore({ redisUrl, redisReplicas, folder }: Settings): Promise<Stores> {
  if (redisUrl === null) return openSqlite(folder)
  const durable = redisReplicas > 0 ? { durable: { replicas: redisReplicas } } : {}
  const stores = madeFrom('REDIS_URL', () => redisStore({ url: redisUrl, ...durable }))
  try {
    await stores.sessions.ping()
    return stores
  } catch {
    await stores.sessions.close()
    // What a driver says may repeat the address, and with it a password.
    throw new StartError('The server REDIS_URL names does not answer.')
  }
}

function openSqlite(folder: string): Stores {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'wallet.db')
  // Readable by its owner only, as the store would make it.
  closeSync(openSync(path, 'a', 0o600))
  const client = new BetterSqlite3(path)
  try {
    const manifest = createRequire(import.meta.url).resolve('@bff/store-drizzle/package.json')
    migrate(drizzle(client), { migrationsFolder: join(dirname(manifest), 'drizzle', 'sqlite') })
  } finally {
    client.close()
  }
  return sqliteStore({ path })
}
