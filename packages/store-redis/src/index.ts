import type { Cluster, Redis } from 'ioredis'
import { assembleStores, type RedisStores } from './assemble.ts'
import { ioredis } from './ioredis/link.ts'
import { readStoreOptions, type SharedStoreOptions } from './options.ts'

export type { RedisStores } from './assemble.ts'
export type { DurableOptions, RedisNode, SharedRedisOptions, SharedStoreOptions } from './options.ts'

/** How to reach Redis: set exactly one of `client`, `url`, `sentinels` and `cluster`. */
export interface RedisStoreOptions extends SharedStoreOptions {
  /** The app's own ioredis client. The store uses its settings for separate connections, and does not change or close it. */
  readonly client?: Redis | Cluster
}

/**
 * Makes a store in Redis 6.2 or newer, or Valkey: one server, a master with Sentinel, or a Cluster.
 *
 * It connects on first use. While Redis does not answer, every call throws `store_unavailable` within `operationTimeoutMs`
 * for each response it needs, and at once after a connection was lost. It recovers by itself.
 *
 * @throws BffError `invalid_config` when an option is missing or wrong
 * @example
 * ```ts
 * import { redisStore } from '@bff/store-redis'
 *
 * export const store = redisStore({ url: 'redis://localhost:6379' })
 * ```
 */
export function redisStore(options: RedisStoreOptions): RedisStores {
  const settings = readStoreOptions(options)
  return assembleStores(settings, ioredis(settings, options.client))
}
