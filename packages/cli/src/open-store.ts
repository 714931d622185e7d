import { existsSync } from 'node:fs'
import type { Stores } from '@bff/core'
import { CommandFailed, WrongArguments } from './output.ts'

/** What the address of a store begins with, and the packages that open it. */
const KINDS = {
  redis: { begins: /^rediss?:\/\//, packages: '@bff/store-redis ioredis' },
  postgres: { begins: /^postgres(?:ql)?:\/\//, packages: '@bff/store-sql postgres' },
  mysql: { begins: /^mysql:\/\//, packages: '@bff/store-sql mysql2' },
  sqlite: { begins: /^sqlite:./, packages: '@bff/store-sql better-sqlite3' },
} as const

/** As long as the SQL stores wait: a person waits longer than a request, and one slow answer must not end a long command. */
const REDIS_PATIENCE_MS = 5_000

/** The stores of an app, with a check of the tables where there are tables. */
export type AppStores = Stores & { readonly check?: () => Promise<void> }

/**
 * Opens the store of an app by its address: `redis://…`, `postgres://…`, `mysql://…` or `sqlite:file`.
 *
 * @throws WrongArguments for another address, CommandFailed when the packages of the store are not installed, or when SQLite
 * has no such file: it would make an empty one
 */
export async function openStore(address: string): Promise<AppStores> {
  const kind = Object.entries(KINDS).find(([, { begins }]) => begins.test(address))
  if (kind === undefined)
    throw new WrongArguments(
      '--store must be an address: redis://…, rediss://…, postgres://…, mysql://… or sqlite:file.',
    )
  const [name, { packages }] = kind
  try {
    return await open(name as keyof typeof KINDS, address)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error
    throw new CommandFailed(
      `The packages of this store are missing. Install them beside @bff/cli: npm install ${packages}`,
    )
  }
}

async function open(name: keyof typeof KINDS, address: string): Promise<AppStores> {
  if (name === 'redis')
    return (await import('@bff/store-redis')).redisStore({
      url: address,
      operationTimeoutMs: REDIS_PATIENCE_MS,
    })
  if (name === 'postgres') return (await import('@bff/store-sql/postgres')).postgresStore({ url: address })
  if (name === 'mysql') return (await import('@bff/store-sql/mysql2')).mysqlStore({ url: address })
  const path = address.slice('sqlite:'.length)
  if (!existsSync(path)) throw new CommandFailed(`There is no file ${path}. Name the database of the app.`)
  return (await import('@bff/store-sql/better-sqlite3')).sqliteStore({ path })
}
