import type { OpenStores } from '@bff/store-testkit'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { type PostgresStoreOptions, postgresStore } from '../src/postgres/index.ts'
import { handClock } from './clock.ts'
import { migrations } from './migrations.ts'

export async function migratePostgres(url: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => {} })
  for (const statement of migrations('postgres')) await client.unsafe(statement)
  await client.end()
}

/** Stores on emptied tables, with a pool of their own. */
export async function openPostgres(
  url: string,
  options: Omit<PostgresStoreOptions, 'db' | 'url'> = {},
): Promise<OpenStores> {
  const clock = handClock()
  const client = postgres(url, { max: 2, onnotice: () => {} })
  await client`truncate bff_sessions, bff_ttl`
  const stores = postgresStore({ url, clock, ...options })
  const behind = postgresStore({ db: drizzle(client) })
  return {
    stores,
    now: clock.now,
    advance: async (ms) => clock.advance(ms),
    peek: (handle) => behind.sessions.get(handle),
    async close() {
      await Promise.all([stores.sessions.close(), behind.sessions.close()])
      await client.end()
    },
  }
}

/** Stores on an app's own drizzle instance, whose pool can be ended. */
export async function openOnOwnPostgres(url: string): Promise<OpenStores> {
  const own = postgres(url, { max: 10, onnotice: () => {} })
  const open = await openPostgres(url)
  const clock = handClock()
  const stores = postgresStore({ db: drizzle(own), clock })
  return {
    ...open,
    stores,
    now: clock.now,
    advance: async (ms) => clock.advance(ms),
    breakConnection: () => own.end({ timeout: 0 }),
    async close() {
      await Promise.all([stores.sessions.close(), open.close()])
      await own.end({ timeout: 0 })
    },
  }
}
