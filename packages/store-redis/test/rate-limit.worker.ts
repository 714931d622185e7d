import type { RateLimitPolicy } from '@bff/core/rate-limit'
import { redisRateLimiter } from '../src/rate-limit.ts'

/** One of several processes that ask for one key as fast as they can. */
export interface Storm {
  readonly policy: RateLimitPolicy
  readonly calls: number
}

const [url = ''] = process.argv.slice(2)
const limiter = redisRateLimiter({ url, operationTimeoutMs: 30_000 })

process.on('message', (storm: Storm) => {
  void run(storm).then(async (allowed) => {
    process.send?.(allowed)
    await limiter.close()
    process.disconnect()
  })
})
await limiter.consume('somebody else', { name: 'other', requestsPerMinute: 60, burst: 10 })
process.send?.('ready')

async function run({ policy, calls }: Storm): Promise<number> {
  let [allowed, left] = [0, calls]
  const ask = async () => {
    while (left-- > 0) if ((await limiter.consume('hot', policy)).allowed) allowed++
  }
  await Promise.all(Array.from({ length: 20 }, ask))
  return allowed
}
