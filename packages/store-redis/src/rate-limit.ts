/**
 * `@bff/store-redis/rate-limit`: rate limits that all processes share.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { BffError, isBffError } from '@bff/core'
import { bucketOf, decisionOf, type RateLimiter } from '@bff/core/rate-limit'
import { Connection } from './connection.ts'
import { type RedisStoreOptions, readOptions, refuseUnknownOptions } from './options.ts'
import type { Script } from './scripts.ts'

/** How to reach Redis, as for `redisStore`, and how long to wait for it. */
export type RedisRateLimiterOptions = Omit<RedisStoreOptions, 'retainRevokedMs' | 'durable'>

/**
 * KEYS: a bucket, which holds when it is full again. ARGV: what a whole bucket is worth, and what is asked of it. Times
 * are microseconds of the server's own clock. Whether it is granted, and what the bucket misses now.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local depth, cost = tonumber(ARGV[1]), tonumber(ARGV[2])
local stored = (redis.call('GET', KEYS[1]) or now) - now
local missing = math.min(math.max(stored, 0), depth)
local granted = missing + cost <= depth
if granted then missing = missing + cost end
if granted or stored > depth then
  redis.call('SET', KEYS[1], string.format('%.0f', now + missing), 'PX', math.ceil(missing / 1000))
end
return { granted and 1 or 0, missing }`

const SCRIPT: Script = { lua: TAKE, sha: createHash('sha1').update(TAKE).digest('hex') }

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
  refuseUnknownOptions('redisRateLimiter', options)
  const settings = settingsOf(options)
  const connection = new Connection(settings)
  return {
    async consume(key, policy, cost = 1) {
      const bucket = bucketOf(policy, cost)
      const id = createHash('sha256').update(`${policy.name.length}:${policy.name}${key}`).digest('base64url')
      const answer = await connection.script(
        SCRIPT,
        [`${settings.prefix}q:{${id}}`],
        [bucket.depth, cost * bucket.step],
      )
      const [granted, missing] = Array.isArray(answer) ? answer.map(Number) : []
      if (granted === undefined || missing === undefined) throw new BffError('store_unavailable')
      return decisionOf(bucket, granted === 1, missing, cost)
    },
    async close() {
      connection.close()
    },
  }
}

function settingsOf(options: RedisRateLimiterOptions) {
  try {
    return readOptions({ operationTimeoutMs: 250, ...options })
  } catch (error) {
    const { message } = isBffError(error) ? error : new BffError('invalid_config')
    throw new BffError('invalid_config', message.replace(/^redisStore/, 'redisRateLimiter'))
  }
}
