import type { Stores } from '@bff/core'
import type { OpenStores } from '@bff/store-testkit'
import { PGlite } from '@electric-sql/pglite'
import { drizzle as drizzleNode } from 'drizzle-orm/node-postgres'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import { drizzle } from 'drizzle-orm/postgres-js'
import pg from 'pg'
import postgres from 'postgres'
import { type PostgresStoreOptions, postgresStore } from '../src/postgres/index.ts'
import { handClock } from './clock.ts'
import { migrations } from './migrations.ts'
import { withEventsOf } from './with-events-of.ts'

export async function migratePostgres(url: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => {} })
  for (const statement of migrations('postgres')) await client.unsafe(statement)
  await client.end()
}

/** Stores on emptied tables, with a pool of their own. */
export async function openPostgres(
  url: string,
  options: Omit<PostgresStoreOptions, 'db' | 'url'> = {},
): Promise<OpenStores & { readonly another: Stores }> {
  const clock = handClock()
  const client = postgres(url, { max: 2, onnotice: () => {} })
  await client`truncate bff_sessions, bff_ttl`
  const open = () => postgresStore({ url, clock, ...options })
  const [stores, another] = [open(), open()]
  const behind = postgresStore({ db: drizzle({ client }) })
  return {
    stores,
    another,
    now: clock.now,
    advance: async (ms) => clock.advance(ms),
    peek: (handle) => behind.sessions.get(handle),
    async close() {
      await Promise.all([stores, another, behind].map(({ sessions }) => sessions.close()))
      await client.end()
    },
  }
}

/** Stores on an app's own drizzle instance, whose pool can be ended. */
export async function openOnOwnPostgres(url: string): Promise<OpenStores> {
  const own = postgres(url, { max: 10, onnotice: () => {} })
  const open = await openPostgres(url)
  const clock = handClock()
  const stores = postgresStore({ db: drizzle({ client: own }), clock })
  return {
    ...open,
    stores,
    now: clock.now,
    advance: async (ms) => {
      clock.advance(ms)
      await open.advance(ms)
    },
    breakConnection: () => own.end({ timeout: 0 }),
    async close() {
      await Promise.all([stores.sessions.close(), open.close()])
      await own.end({ timeout: 0 })
    },
  }
}

/** Stores on an app's own pool of node-postgres, which can be ended; `pooler` is what it connects to. */
export async function openOnNodePostgres(url: string, pooler = url): Promise<OpenStores> {
  const own = new pg.Pool({ connectionString: pooler, max: 10 })
  const open = await openPostgres(url)
  const clock = handClock()
  const stores = postgresStore({ db: drizzleNode({ client: own }), clock })
  const end = async () => {
    if (!own.ended) await own.end()
  }
  return {
    ...open,
    stores,
    // node-postgres carries no events.
    another: withEventsOf(stores, open.another),
    now: clock.now,
    advance: async (ms) => {
      clock.advance(ms)
      await open.advance(ms)
    },
    breakConnection: end,
    async close() {
      await Promise.all([stores.sessions.close(), open.close()])
      await end()
    },
  }
}

/** Postgres within this process. */
export async function startPglite() {
  const client = await PGlite.create()
  for (const statement of migrations('postgres')) await client.exec(statement)
  const db = drizzlePglite({ client })
  return {
    exec: (statement: string): Promise<unknown> => client.exec(statement),
    async open(): Promise<OpenStores> {
      await client.exec('truncate bff_sessions, bff_ttl')
      const clock = handClock()
      const stores = postgresStore({ db, clock })
      const behind = postgresStore({ db })
      return {
        stores,
        now: clock.now,
        advance: async (ms) => clock.advance(ms),
        peek: (handle) => behind.sessions.get(handle),
        close: async () => void (await Promise.all([stores.sessions.close(), behind.sessions.close()])),
      }
    },
    stop: () => client.close(),
  }
}
