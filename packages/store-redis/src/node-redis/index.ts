/**
 * `@bff/store-redis/node-redis`: the store and the rate limits on node-redis, the `redis` package.
 *
 * @module
 */
import type { RateLimiter } from '@bff/core/rate-limit'
import { assembleStores, type RedisStores } from '../assemble.ts'
import { limiterOf } from '../limiter.ts'
import {
  readLimiterOptions,
  readStoreOptions,
  type SharedRedisOptions,
  type SharedStoreOptions,
} from '../options.ts'
import type { NodeRedisClient } from './client.ts'
import { nodeRedis } from './driver.ts'

export type { RedisStores } from '../assemble.ts'
export type { DurableOptions, RedisNode, SharedRedisOptions, SharedStoreOptions } from '../options.ts'
export type { NodeRedisClient } from './client.ts'

/** How to reach Redis: set exactly one of `client`, `url`, `sentinels` and `cluster`. */
export interface NodeRedisStoreOptions extends SharedStoreOptions {
  /**
   * The app's own client, from `createClient` or `createCluster`. The store uses its settings for separate connections, except
   * `keyPrefix`, and does not change or close it.
   */
  readonly client?: NodeRedisClient
}

/** How to reach Redis, as for `redisStore`, and how long to wait for it. */
export interface NodeRedisRateLimiterOptions extends SharedRedisOptions {
  /** The app's own client, from `createClient` or `createCluster`, as for `redisStore`. */
  readonly client?: NodeRedisClient
}

/**
 * Makes the store of `@bff/store-redis` on node-redis instead of ioredis. Both keep the same keys and values, so processes on
 * either library share sessions.
 *
 * @throws BffError `invalid_config` when an option is missing or wrong
 * @example
 * ```ts
 * import { redisStore } from '@bff/store-redis/node-redis'
 *
 * export const store = redisStore({ url: 'redis://localhost:6379' })
 * ```
 */
export function redisStore(options: NodeRedisStoreOptions): RedisStores {
  const settings = readStoreOptions(options)
  return assembleStores(settings, nodeRedis(settings, options.client))
}

/**
 * Makes the limiter of `@bff/store-redis/rate-limit` on node-redis instead of ioredis. Processes on either library count together.
 *
 * @throws BffError `invalid_config`
 */
export function redisRateLimiter(options: NodeRedisRateLimiterOptions): RateLimiter {
  const settings = readLimiterOptions(options)
  return limiterOf(settings, nodeRedis(settings, options.client))
}
