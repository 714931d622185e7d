/**
 * `@bff/store-redis/rate-limit`: rate limits that all processes share.
 *
 * @module
 */
import type { RateLimiter } from '@bff/core/rate-limit'
import type { Cluster, Redis } from 'ioredis'
import { ioredis } from './ioredis/link.ts'
import { limiterOf } from './limiter.ts'
import { readLimiterOptions, type SharedRedisOptions } from './options.ts'

/** How to reach Redis, as for `redisStore`, and how long to wait for it. */
export interface RedisRateLimiterOptions extends SharedRedisOptions {
  /** The app's own ioredis client. The limiter uses its settings for a separate connection, and does not change or close it. */
  readonly client?: Redis | Cluster
}

/**
 * Makes a limiter that counts in Redis, so that all processes together allow no more than one process would (RLM-07). Each
 * decision is one call of one script on one key, by the server's clock; a key expires when its bucket is full. Names and
 * keys are hashed: Redis holds no addresses.
 *
 * It connects on first use. While Redis does not answer, it throws `store_unavailable` within `operationTimeoutMs`, 250
 * milliseconds by default, and at once after a connection was lost; `onOutage` of `rateLimit()` decides what happens then.
 *
 * @throws BffError `invalid_config`
 * @example
 * ```ts
 * import { rateLimit } from '@bff/core/rate-limit'
 * import { redisRateLimiter } from '@bff/store-redis/rate-limit'
 *
 * export const limits = rateLimit({ limiter: redisRateLimiter({ url: 'redis://localhost:6379' }) })
 * ```
 */
export function redisRateLimiter(options: RedisRateLimiterOptions): RateLimiter {
  const settings = readLimiterOptions(options)
  return limiterOf(settings, ioredis(settings, options.client))
}
