import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type BffEvent, jsonReply, systemClock, webRequestView } from '@bff/core'
import { limitRequests, memoryRateLimiter } from '@bff/core/rate-limit'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type RedisRateLimiterOptions, redisRateLimiter } from '../src/rate-limit.ts'
import type { Storm } from './rate-limit.worker.ts'
import { freePort, startCluster, startRedis } from './servers.ts'

const POLICY = { name: 'login', requestsPerMinute: 1, burst: 4 }
const CALLS = Number(process.env['BFF_STORM_CALLS'] ?? 1500)
const STEP_MS = 60_000

const server = await startRedis()
const back = new Redis(server.url)
const open = (options: RedisRateLimiterOptions = { url: server.url }) => {
  const limiter = redisRateLimiter({ operationTimeoutMs: 5000, ...options })
  onTestFinished(() => limiter.close())
  return limiter
}
beforeEach(() => back.flushall())
afterAll(async () => {
  back.disconnect()
  await server.stop()
})

/** Makes every bucket as full as if that much time had passed. */
async function age(ms: number): Promise<void> {
  const now = (await serverTime()) * 1000
  for (const key of await back.keys('*')) {
    const fullAt = Number(await back.get(key)) - ms * 1000
    if (fullAt <= now) await back.del(key)
    else await back.set(key, fullAt.toFixed(0), 'KEEPTTL')
  }
}

async function serverTime(): Promise<number> {
  const [seconds, micros] = await back.time()
  return Number(seconds) * 1000 + Number(micros) / 1000
}

describe('redisRateLimiter', () => {
  it('decides as the limiter in memory does [S1-40, RLM-01]', async () => {
    const limiter = open()
    let key = 0
    const pauses = fc.array(fc.tuple(fc.nat({ max: 20 }), fc.integer({ min: 1, max: POLICY.burst })), {
      maxLength: 25,
    })
    await fc.assert(
      fc.asyncProperty(pauses, async (sequence) => {
        let now = 0
        const memory = memoryRateLimiter({ clock: { ...systemClock, monotonic: () => now } })
        const name = `key ${key++}`
        for (const [quarters, cost] of sequence) {
          now += quarters * (STEP_MS / 4)
          if (quarters > 0) await age(quarters * (STEP_MS / 4))
          const expected = await memory.consume(name, POLICY, cost)
          const actual = await limiter.consume(name, POLICY, cost)
          expect({ allowed: actual.allowed, remaining: actual.remaining }).toEqual({
            allowed: expected.allowed,
            remaining: expected.remaining,
          })
          // Time has passed for real here, so that it is a little ahead.
          for (const member of ['nextMs', 'fullMs', 'retryAfterMs'] as const)
            expect(Math.abs(actual[member] - expected[member])).toBeLessThan(STEP_MS / 8)
        }
        await back.flushall()
      }),
      { numRuns: Number(process.env['BFF_PROPERTY_RUNS'] ?? 30) },
    )
  })

  it('three processes together allow no more than one would [RL-02, RLM-07]', async () => {
    const policy = { name: 'storm', requestsPerMinute: 6000, burst: 50 }
    const workers = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const worker = fork(fileURLToPath(new URL('rate-limit.worker.ts', import.meta.url)), [server.url], {
          execArgv: ['--import', 'tsx', '--conditions=@bff/source'],
        })
        onTestFinished(() => void worker.kill())
        await once(worker, 'message')
        return worker
      }),
    )
    const storm: Storm = { policy, calls: CALLS }
    const begin = await serverTime()
    const answers = workers.map(async (worker): Promise<number> => Number((await once(worker, 'message'))[0]))
    for (const worker of workers) worker.send(storm)
    const allowed = (await Promise.all(answers)).reduce((sum, one) => sum + one, 0)
    const seconds = ((await serverTime()) - begin) / 1000
    expect(allowed).toBeLessThanOrEqual(policy.burst + (policy.requestsPerMinute / 60) * seconds + 1)
    expect(allowed).toBeGreaterThanOrEqual(policy.burst)
  })

  it('concurrent calls are allowed as often as calls one after another [RL-02]', async () => {
    const limiter = open()
    const decisions = await Promise.all(Array.from({ length: 50 }, () => limiter.consume('k', POLICY)))
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(POLICY.burst)
  })

  it('what is refused costs nothing [RL-03]', async () => {
    const limiter = open()
    await limiter.consume('k', POLICY, 3)
    expect(await limiter.consume('k', POLICY, 2)).toMatchObject({ allowed: false, remaining: 1 })
    expect(await limiter.consume('k', POLICY)).toMatchObject({ allowed: true, remaining: 0 })
  })

  it('names and keys are kept apart, whatever they hold, and no address is written down [RL-04]', async () => {
    const limiter = open()
    const once = (name: string, key: string) => limiter.consume(key, { ...POLICY, name, burst: 1 })
    const pairs = [
      ['a', '1:b'],
      ['a1', ':b'],
      ['1:a', 'b'],
      ['a', 'b'],
      ['a', '192.0.2.7'],
      ['a', '}{\r\n'],
    ] as const
    for (const [name, key] of pairs) expect((await once(name, key)).allowed).toBe(true)
    for (const [name, key] of pairs) expect((await once(name, key)).allowed).toBe(false)
    const keys = await back.keys('*')
    expect(keys).toHaveLength(pairs.length)
    for (const key of keys) expect(key).toMatch(/^bff:q:\{[\w-]{43}\}$/)
  })

  it('a server clock that went back keeps nobody waiting longer than an empty bucket does [RL-05]', async () => {
    const limiter = open()
    await limiter.consume('k', POLICY)
    const [key = ''] = await back.keys('*')
    const ahead = ((await serverTime()) + 3_600_000) * 1000
    await back.set(key, ahead.toFixed(0))
    const refused = await limiter.consume('k', POLICY)
    expect(refused).toMatchObject({ allowed: false, remaining: 0 })
    expect(refused.retryAfterMs).toBeLessThanOrEqual(STEP_MS)
    await age(STEP_MS)
    expect((await limiter.consume('k', POLICY)).allowed).toBe(true)
  })

  it('a key ends when its bucket is full [RLM-07]', async () => {
    const limiter = open()
    const { fullMs } = await limiter.consume('k', POLICY, 2)
    const [key = ''] = await back.keys('*')
    const ttl = await back.pttl(key)
    expect(ttl).toBeGreaterThan(fullMs - 5000)
    expect(ttl).toBeLessThanOrEqual(fullMs)
  })

  it('runs on a Cluster, each bucket in a slot of its own [RLM-07]', async () => {
    const servers = await startCluster()
    onTestFinished(async () => {
      for (const one of servers) await one.stop()
    })
    const limiter = open({ cluster: servers.map(({ host, port }) => ({ host, port })) })
    const ask = () => Promise.all(Array.from({ length: 30 }, (_, at) => limiter.consume(`k${at}`, POLICY, 3)))
    expect((await ask()).filter(({ allowed }) => allowed)).toHaveLength(30)
    expect((await ask()).filter(({ allowed }) => allowed)).toHaveLength(0)
  })

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['no place', {}, /^redisRateLimiter: client, url, sentinels and cluster are missing/],
    ['a bad address', { url: 'http://localhost' }, /^redisRateLimiter: url must be/],
    [
      'an option there is not',
      { url: 'redis://localhost', durable: { replicas: 1 } },
      /^Unknown option durable of redisRateLimiter/,
    ],
    ['an empty prefix', { url: 'redis://localhost', prefix: '' }, /prefix/],
  ])('refuses %s', (_, options, message) => {
    expect(() => redisRateLimiter(options)).toThrowError(
      expect.objectContaining({ code: 'invalid_config', message: expect.stringMatching(message) }),
    )
  })

  it('refuses a cost that can never be paid, and calls after it was closed', async () => {
    const limiter = open()
    await expect(limiter.consume('k', POLICY, 5)).rejects.toMatchObject({ code: 'invalid_argument' })
    await limiter.close()
    await limiter.close()
    await expect(limiter.consume('k', POLICY)).rejects.toMatchObject({ code: 'store_unavailable' })
  })
})

describe('when Redis goes away [RLM-08]', () => {
  it('requests are counted here, and in Redis again once it is back', async () => {
    const own = await startRedis()
    onTestFinished(() => own.stop())
    const limiter = open({ url: own.url, operationTimeoutMs: 2_000 })
    const events: BffEvent[] = []
    const limit = limitRequests({ ...POLICY, limiter, onEvent: (event) => events.push(event) })
    const view = () => webRequestView(new Request('https://app.example.com/'), '192.0.2.7')
    const ask = async () => (await limit(view(), async () => jsonReply(200, 'ok'))).status
    expect(await ask()).toBe(200)
    await own.crash()
    const statuses = [await ask(), await ask(), await ask(), await ask(), await ask()]
    expect(statuses).toEqual([200, 200, 200, 200, 429])
    expect(events.filter(({ type }) => type === 'store.unavailable')).toHaveLength(5)
    await own.start()
    await expect.poll(ask).toBe(200)
  })

  it('a Redis that was never there is an outage too', async () => {
    const limiter = open({ url: `redis://127.0.0.1:${await freePort()}`, operationTimeoutMs: 200 })
    await expect(limiter.consume('k', POLICY)).rejects.toMatchObject({ code: 'store_unavailable' })
  })
})
