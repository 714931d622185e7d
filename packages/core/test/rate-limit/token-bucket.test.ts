import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { systemClock } from '../../src/index.ts'
import { memoryRateLimiter, type RateLimitPolicy } from '../../src/rate-limit/index.ts'

const numRuns = Number(process.env['BFF_PROPERTY_RUNS'] ?? 300)

/** A bucket as one would draw it: a level that rises with time, in units of a microsecond of refilling. */
class Model {
  readonly #step: number
  readonly #depth: number
  #level: number
  #seenAt: number

  constructor({ requestsPerMinute, burst }: RateLimitPolicy, now: number) {
    this.#step = Math.ceil(60_000_000 / requestsPerMinute)
    this.#depth = this.#step * burst
    this.#level = this.#depth
    this.#seenAt = now
  }

  take(now: number, cost: number) {
    this.#level = Math.min(this.#depth, this.#level + (now - this.#seenAt) * 1000)
    this.#seenAt = now
    const allowed = this.#level >= cost * this.#step
    if (allowed) this.#level -= cost * this.#step
    const missing = this.#depth - this.#level
    return {
      allowed,
      remaining: Math.floor(this.#level / this.#step),
      nextMs: missing === 0 ? 0 : (this.#step - (this.#level % this.#step)) / 1000,
      fullMs: missing / 1000,
      retryAfterMs: allowed ? 0 : (cost * this.#step - this.#level) / 1000,
    }
  }
}

const policies = fc.record({
  name: fc.constant('p'),
  requestsPerMinute: fc.oneof(fc.integer({ min: 1, max: 6000 }), fc.constantFrom(0.5, 7, 90.25, 60_000_000)),
  burst: fc.integer({ min: 1, max: 20 }),
})
/** Pauses of whole milliseconds, short and long; and how much of a bucket is wanted. */
const calls = fc.array(
  fc.tuple(
    fc.oneof(fc.constant(0), fc.nat({ max: 50 }), fc.nat({ max: 5000 }), fc.nat({ max: 600_000 })),
    fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  ),
  { minLength: 1, maxLength: 80 },
)

test('the bucket does what a simple model of it does, to the microsecond [S1-40, RLM-01]', async () => {
  await fc.assert(
    fc.asyncProperty(policies, calls, async (policy, sequence) => {
      let now = 1_000_000
      const limiter = memoryRateLimiter({ clock: { ...systemClock, monotonic: () => now } })
      const model = new Model(policy, now)
      for (const [pause, share] of sequence) {
        now += pause
        const cost = 1 + Math.floor(share * policy.burst)
        expect(await limiter.consume('key', policy, cost)).toEqual(model.take(now, cost))
      }
    }),
    { numRuns },
  )
})

test('in no window of any length are more allowed than burst + rate · t [RL-01]', async () => {
  await fc.assert(
    fc.asyncProperty(policies, calls, async (policy, sequence) => {
      let now = 0
      const limiter = memoryRateLimiter({ clock: { ...systemClock, monotonic: () => now } })
      const allowed: Array<{ at: number; cost: number }> = []
      for (const [pause, share] of sequence) {
        now += pause
        const cost = 1 + Math.floor(share * policy.burst)
        if ((await limiter.consume('key', policy, cost)).allowed) allowed.push({ at: now, cost })
      }
      for (const [from, { at: begin }] of allowed.entries()) {
        let sum = 0
        for (const { at, cost } of allowed.slice(from)) {
          sum += cost
          const bound = policy.burst + (policy.requestsPerMinute * (at - begin)) / 60_000
          expect(sum).toBeLessThanOrEqual(bound + 1e-9)
        }
      }
    }),
    { numRuns },
  )
})

test('a clock that jumps back refunds nothing, and keeps nobody waiting longer than an empty bucket [RL-05]', async () => {
  await fc.assert(
    fc.asyncProperty(policies, calls, fc.integer({ min: 1, max: 1e9 }), async (policy, sequence, jump) => {
      let now = 2e9
      const limiter = memoryRateLimiter({ clock: { ...systemClock, monotonic: () => now } })
      let before = await limiter.consume('key', policy)
      for (const [at] of sequence.slice(0, 10).entries()) {
        if (at === 3) now -= jump
        const after = await limiter.consume('key', policy)
        expect(after.remaining).toBeLessThanOrEqual(before.remaining)
        before = after
      }
      now += Math.ceil(60_000 / policy.requestsPerMinute)
      expect((await limiter.consume('key', policy)).allowed).toBe(true)
    }),
    { numRuns },
  )
})

describe('consume', () => {
  const policy = { name: 'login', requestsPerMinute: 60, burst: 10 }

  it('starts full, refuses without a token, and refills one a second at 60 a minute [S1-40]', async () => {
    let now = 0
    const limiter = memoryRateLimiter({ clock: { ...systemClock, monotonic: () => now } })
    const drain = async () => {
      let count = 0
      while ((await limiter.consume('alice', policy)).allowed) count++
      return count
    }
    expect(await drain()).toBe(10)
    expect(await limiter.consume('alice', policy)).toEqual({
      allowed: false,
      remaining: 0,
      nextMs: 1000,
      fullMs: 10_000,
      retryAfterMs: 1000,
    })
    now += 999
    expect(await drain()).toBe(0)
    now += 1
    expect(await drain()).toBe(1)
    now += 3_600_000
    expect(await drain()).toBe(10)
  })

  it('what is refused costs nothing [RL-03]', async () => {
    const limiter = memoryRateLimiter({ clock: { ...systemClock, monotonic: () => 0 } })
    await limiter.consume('alice', policy, 6)
    expect(await limiter.consume('alice', policy, 5)).toMatchObject({ allowed: false, retryAfterMs: 1000 })
    expect(await limiter.consume('alice', policy, 4)).toMatchObject({ allowed: true, remaining: 0 })
  })

  it('names and keys are kept apart, whatever they hold [RL-04, RLM-09]', async () => {
    const limiter = memoryRateLimiter({ clock: { ...systemClock, monotonic: () => 0 } })
    const once = (name: string, key: string) => limiter.consume(key, { ...policy, name, burst: 1 })
    for (const [name, key] of [
      ['a', '1:b'],
      ['a1', ':b'],
      ['a', 'b'],
      ['ab', ''],
      ['1:a', 'b'],
      ['a', '__proto__'],
    ] as const)
      expect(await once(name, key)).toMatchObject({ allowed: true })
    expect(await once('a', 'b')).toMatchObject({ allowed: false })
  })

  it.each([
    [{ ...policy, name: '' }, 1],
    [{ ...policy, name: 'ä' }, 1],
    [{ ...policy, name: 'x'.repeat(129) }, 1],
    [{ ...policy, requestsPerMinute: 0 }, 1],
    [{ ...policy, requestsPerMinute: Number.NaN }, 1],
    [{ ...policy, requestsPerMinute: Number.POSITIVE_INFINITY }, 1],
    [{ ...policy, burst: 0 }, 1],
    [{ ...policy, burst: 1.5 }, 1],
    [{ ...policy, requestsPerMinute: 1 / 1440, burst: 400 }, 1],
    [policy, 0],
    [policy, 11],
    [policy, 1.5],
  ])('refuses %j with a cost of %s', async (odd, cost) => {
    const limiter = memoryRateLimiter()
    await expect(limiter.consume('k', odd, cost)).rejects.toMatchObject({ code: 'invalid_argument' })
  })
})
