import { createHash } from 'node:crypto'
import { BffError } from '@bff/core'
import { bucketOf, decisionOf, type RateLimiter } from '@bff/core/rate-limit'
import { Connection } from './connection.ts'
import type { Driver } from './link.ts'
import type { Settings } from './options.ts'
import type { Script } from './scripts.ts'

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

/** The limiter on either library. */
export function limiterOf(settings: Settings, driver: Driver): RateLimiter {
  const connection = new Connection(settings, driver)
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
