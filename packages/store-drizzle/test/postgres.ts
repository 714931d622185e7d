import type { OpenStores } from '@bff/store-testkit'
import { manualClock } from '@bff/test-support/clock'
import { forLaws, type Opened } from '@bff/test-support/sql/laws'
import * as migrate from '@bff/test-support/sql/postgres'
import { PGlite } from '@electric-sql/pglite'
import { drizzle as drizzleNode } from 'drizzle-orm/node-postgres'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import { drizzle } from 'drizzle-orm/postgres-js'
import pg from 'pg'
import postgres from 'postgres'
import { type PostgresStoreOptions, postgresStore } from '../src/postgres/index.ts'
import { migrations } from './migrations.ts'

export const migratePostgres = (url: string) => migrate.migratePostgres(url, migrations('postgres'))

/** Stores on emptied tables, with a pool of their own. */
export const openPostgres = (url: string, options: Omit<PostgresStoreOptions, 'db' | 'url'> = {}) =>
  open(url, { open: (clock) => postgresStore({ url, clock, ...options }), carriesEvents: true })

/** Stores on an app's own drizzle instance, whose pool can be ended. */
export async function openOnOwnPostgres(url: string): Promise<OpenStores> {
  const own = postgres(url, { max: 10, onnotice: () => {} })
  const end = () => own.end({ timeout: 0 })
  return open(url, {
    open: (clock) => postgresStore({ db: drizzle({ client: own }), clock }),
    openAnother: (clock) => postgresStore({ url, clock }),
    carriesEvents: true,
    breakConnection: end,
    close: end,
  })
}

/** Stores on an app's own pool of node-postgres, which can be ended; `pooler` is what it connects to. */
export async function openOnNodePostgres(url: string, pooler = url): Promise<OpenStores> {
  const own = new pg.Pool({ connectionString: pooler, max: 10 })
  const end = async () => {
    if (!own.ended) await own.end()
  }
  return open(url, {
    open: (clock) => postgresStore({ db: drizzleNode({ client: own }), clock }),
    openAnother: (clock) => postgresStore({ url, clock }),
    breakConnection: end,
    close: end,
  })
}

type Opening = Omit<Opened, 'behind' | 'close'> & Partial<Pick<Opened, 'close'>>

async function open(url: string, { close, ...opening }: Opening) {
  const client = postgres(url, { max: 2, onnotice: () => {} })
  await client`truncate bff_sessions, bff_ttl`
  return forLaws({
    ...opening,
    behind: postgresStore({ db: drizzle({ client }) }),
    async close() {
      await client.end()
      await close?.()
    },
  })
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
      const clock = manualClock()
      const stores = postgresStore({ db, clock })
      const behind = postgresStore({ db })
      return {
        stores,
        now: clock.now,
        advance: async (ms) => clock.jump(ms),
        peek: (handle) => behind.sessions.get(handle),
        close: async () => void (await Promise.all([stores.sessions.close(), behind.sessions.close()])),
      }
    },
    stop: () => client.close(),
  }
}
