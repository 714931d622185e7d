import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/index.ts'
import { memoryRateLimiter } from '../../src/rate-limit/index.ts'

const policy = { name: 'login', requestsPerMinute: 60, burst: 10 }
/** 5_000_000 in the run whose numbers are quoted. */
const FLOOD = Number(process.env['BFF_FLOOD_KEYS'] ?? 100_000)

describe('memoryRateLimiter under more keys than it keeps [RLM-06]', () => {
  it('stays within its bound, and a hot key stays limited while random keys flood it', async () => {
    const maxKeys = Math.min(100_000, FLOOD / 10)
    let now = 0
    const limiter = memoryRateLimiter({ maxKeys, clock: { ...systemClock, monotonic: () => now } })
    for (let i = 0; i < policy.burst; i++) await limiter.consume('hot', policy)
    let admitted = 0
    let largest = 0
    for (let i = 0; i < FLOOD; i++) {
      await limiter.consume(randomBytes(12).toString('latin1'), policy)
      largest = Math.max(largest, limiter.size)
      // The hot key asks all the time, as fast as the flood.
      if (i % 100 === 0) admitted += (await limiter.consume('hot', policy)).allowed ? 1 : 0
      if (i % 1000 === 0) now += 5
    }
    expect(largest).toBeLessThanOrEqual(maxKeys)
    expect(admitted).toBeLessThanOrEqual(Math.floor(now / 1000))
    expect(admitted).toBeGreaterThanOrEqual(Math.floor(now / 1000) - 1)
  })

  it('does not win a hot key its tokens back by flooding, also when the hot key is silent meanwhile', async () => {
    const limiter = memoryRateLimiter({ maxKeys: 100, clock: { ...systemClock, monotonic: () => 0 } })
    for (let i = 0; i < policy.burst; i++) await limiter.consume('hot', policy)
    for (let i = 0; i < 10_000; i++) await limiter.consume(`key ${i}`, policy)
    expect(await limiter.consume('hot', policy)).toMatchObject({ allowed: false })
  })

  it('drops full buckets first, and by itself: what is idle takes no room', async () => {
    let now = 0
    const limiter = memoryRateLimiter({ maxKeys: 1000, clock: { ...systemClock, monotonic: () => now } })
    for (let i = 0; i < 1000; i++) await limiter.consume(`key ${i}`, policy)
    expect(limiter.size).toBe(1000)
    now += 60_000
    for (let i = 0; i < 999; i++) await limiter.consume('other', policy)
    for (let i = 0; i < 600; i++) await limiter.consume(`fresh ${i}`, policy)
    expect(limiter.size).toBeLessThanOrEqual(601)
    expect(await limiter.consume('other', policy)).toMatchObject({ allowed: false })
  })

  it('lets go of the one bucket that is nearest to full, whatever the order of calls', async () => {
    const uses = fc.array(fc.nat({ max: 9 }), { minLength: 30, maxLength: 60 })
    /** Tokens left in a key's bucket after the calls, and after one more key than there is room for. */
    async function leftOf(key: string, keys: readonly string[]): Promise<number> {
      const limiter = memoryRateLimiter({ maxKeys: 10, clock: { ...systemClock, monotonic: () => 0 } })
      for (const one of keys) await limiter.consume(one, policy)
      await limiter.consume('one too many', policy, policy.burst)
      return (await limiter.consume(key, policy)).remaining
    }
    await fc.assert(
      fc.asyncProperty(uses, async (used) => {
        const keys = [...Array(10).keys(), ...used].map((key) => `key ${key}`)
        const tokens = new Map<string, number>()
        for (const key of keys) tokens.set(key, Math.min(policy.burst, (tokens.get(key) ?? 0) + 1))
        const lost: number[] = []
        for (const [key, count] of tokens)
          if ((await leftOf(key, keys)) > Math.max(0, policy.burst - count - 1)) lost.push(count)
        const least = Math.min(...tokens.values())
        expect(lost).toEqual([least])
      }),
      { numRuns: 50 },
    )
  })
})

it('refuses an option it does not know', () => {
  const options: Record<string, unknown> = { maxKey: 10 }
  expect(() => memoryRateLimiter(options)).toThrowError(/Unknown option maxKey of memoryRateLimiter/)
})

it('forgets everything when it is closed', async () => {
  const limiter = memoryRateLimiter()
  await limiter.consume('k', policy)
  await limiter.close()
  await limiter.close()
  expect(limiter.size).toBe(0)
})

it.each([0, 1.5, -1, Number.NaN, 1e9])('refuses maxKeys of %s', (maxKeys) => {
  expect(() => memoryRateLimiter({ maxKeys })).toThrowError(
    expect.objectContaining({ code: 'invalid_config' }),
  )
})
