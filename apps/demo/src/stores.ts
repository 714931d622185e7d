import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Stores } from '@bff/core'
import { type Server, startMariadb, startPostgres, startRedis } from '@bff/servers'
import { mysqlStore } from '@bff/store-drizzle/mysql'
import { postgresStore } from '@bff/store-drizzle/postgres'
import { sqliteStore } from '@bff/store-drizzle/sqlite'
import { memoryStore } from '@bff/store-memory'
import { redisStore } from '@bff/store-redis'
import { migrateMysql, migratePostgres, migrateSqlite } from './migrate.ts'
import { StartError } from './start-error.ts'

/** Where sessions live when `DEMO_STORE` says nothing: there they outlive a restart. */
export const DEFAULT_STORE = 'sqlite'

export interface OpenStore {
  readonly stores: Stores
  /** Where that is, in words. */
  readonly place: string
  /** Closes the stores, unless that is done, and stops the server that was started for them. */
  close(): Promise<void>
}

/** A store behind a server: the one an address in the environment names, or one of our own. */
interface ServerStore {
  readonly variable: string
  start(folder: string): Promise<Server>
  /** Where on a server of our own, if not where its address says. */
  ownUrl?(url: string): string
  /** Makes the tables, where there are any: the store itself never does. */
  migrate(url: string): Promise<unknown>
  open(url: string): Stores
}

const SERVER_STORES: Readonly<Record<string, ServerStore>> = {
  redis: {
    variable: 'REDIS_URL',
    start: (folder) => startRedis([], { folder }),
    migrate: async () => {},
    open: (url) => redisStore({ url }),
  },
  postgres: {
    variable: 'DATABASE_URL',
    start: (folder) => startPostgres([], { folder }),
    migrate: migratePostgres,
    open: (url) => postgresStore({ url }),
  },
  mysql: {
    variable: 'MYSQL_URL',
    // At the end it need not tidy up: what was committed is in its log.
    start: (folder) => startMariadb(['--innodb-fast-shutdown=2'], { folder }),
    ownUrl: (url) => new URL('/demo', url).href,
    migrate: migrateMysql,
    open: (url) => mysqlStore({ url }),
  },
}

/** Where sessions can live, by the name `DEMO_STORE` gives. */
export const STORE_NAMES = ['sqlite', ...Object.keys(SERVER_STORES), 'memory']

/**
 * Opens the store of this name, starting the server it needs unless the environment names one.
 *
 * @param folder where data is kept
 * @throws StartError when there is no such store, or its server cannot be started or reached
 */
export async function openStore(
  name: string,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<OpenStore> {
  if (name === 'memory') return opened(memoryStore(), 'in memory, gone with this process')
  if (name === 'sqlite') return openSqlite(folder)
  const store = Object.hasOwn(SERVER_STORES, name) ? SERVER_STORES[name] : undefined
  if (store === undefined) throw new StartError(`DEMO_STORE must be one of: ${STORE_NAMES.join(', ')}.`)
  const given = env[store.variable]
  return given === undefined
    ? openOwn(name, store, join(folder, name))
    : opened(await connect(store, given), `in ${name} at ${store.variable}`)
}

function opened(stores: Stores, place: string, server?: Server): OpenStore {
  const close = async () => {
    await stores.sessions.close()
    await server?.stop()
  }
  return { stores, place, close }
}

function openSqlite(folder: string): OpenStore {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'sessions.db')
  migrateSqlite(path)
  return opened(sqliteStore({ path }), `in ${path}`)
}

async function openOwn(name: string, store: ServerStore, folder: string): Promise<OpenStore> {
  const server = await store.start(folder).catch((error: unknown) => {
    throw new StartError(`${sentence(error)} Or set ${store.variable} to the address of a ${name} server.`)
  })
  try {
    const stores = await connect(store, store.ownUrl?.(server.url) ?? server.url)
    return opened(stores, `in ${name}, started for it, data in ${folder}`, server)
  } catch (error) {
    await server.stop()
    throw error
  }
}

async function connect(store: ServerStore, url: string): Promise<Stores> {
  try {
    await store.migrate(url)
    const stores = store.open(url)
    await stores.sessions.ping().catch(async (error: unknown) => {
      await stores.sessions.close()
      throw error
    })
    return stores
  } catch {
    // What a driver says may repeat the address, and with it a password.
    throw new StartError(`The server at ${store.variable} does not answer, or refuses what it was asked.`)
  }
}

function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message.trim() : String(error)
  return text.endsWith('.') ? text : `${text}.`
}
