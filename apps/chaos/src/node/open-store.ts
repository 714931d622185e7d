import type { Stores } from '@bff/core'
import { mysqlStore } from '@bff/store-drizzle/mysql'
import { postgresStore } from '@bff/store-drizzle/postgres'
import { sqliteStore } from '@bff/store-drizzle/sqlite'
import { redisStore } from '@bff/store-redis'
import BetterSqlite3 from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import type { StoreAddress } from './protocol.ts'

/** The store at an address, with the options an app would leave at their defaults. */
export function openStore(address: StoreAddress): Stores {
  switch (address.kind) {
    case 'redis':
      return redisStore({ url: address.url })
    case 'cluster':
      return redisStore({
        cluster: address.nodes,
        ...(address.replicas > 0 && { durable: { replicas: address.replicas } }),
      })
    case 'postgres':
      return postgresStore({ url: address.url })
    case 'mysql':
      return mysqlStore({ url: address.url })
    case 'sqlite':
      return address.own
        ? sqliteStore({ db: drizzle(new BetterSqlite3(address.path, { timeout: 100 })) })
        : sqliteStore({ path: address.path })
  }
}

/** Tells of each attempt at the lease of a refresh: an experiment about leases must have met some. */
export function watchLeases(stores: Stores, tell: (outcome: 'taken' | 'refused') => void): Stores {
  const { ttl } = stores
  return {
    ...stores,
    ttl: {
      attach: (context) => ttl.attach?.(context),
      set: (key, value, ttlMs) => ttl.set(key, value, ttlMs),
      get: (key) => ttl.get(key),
      take: (key) => ttl.take(key),
      extend: (key, value, ttlMs) => ttl.extend(key, value, ttlMs),
      compareAndDelete: (key, value) => ttl.compareAndDelete(key, value),
      async setIfAbsent(key, value, ttlMs) {
        const taken = await ttl.setIfAbsent(key, value, ttlMs)
        if (key.startsWith('refresh:')) tell(taken ? 'taken' : 'refused')
        return taken
      },
    },
  }
}
