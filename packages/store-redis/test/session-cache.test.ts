import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { generateEncryptionKey, type SessionHandle } from '@bff/core'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from './servers.ts'
import type { Order, Watched } from './session-cache.worker.ts'

/** `maxStaleMs` by default. */
const BOUND_MS = 1_000

describe('the session cache over three processes', () => {
  let server: RedisServer
  let redis: Redis
  let workers: readonly ChildProcess[]

  beforeAll(async () => {
    server = await startRedis()
    redis = new Redis(server.url)
    const file = fileURLToPath(new URL('session-cache.worker.ts', import.meta.url))
    const args = [server.url, generateEncryptionKey()]
    const execArgv = ['--import', 'tsx', '--conditions=@bff/source']
    workers = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const worker = fork(file, args, { execArgv })
        await once(worker, 'message')
        return worker
      }),
    )
  })
  afterAll(async () => {
    for (const worker of workers) worker.disconnect()
    redis.disconnect()
    await server.stop()
  })

  async function tell<Answer>(worker: ChildProcess | undefined, order: Order): Promise<Answer> {
    const answered = once(worker ?? expect.fail('There is no such process.'), 'message')
    worker?.send(order)
    return (await answered)[0]
  }

  const readsOf = async () =>
    Number(/cmdstat_get:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0)

  /** Signs in at the first process, and waits until the caches of all of them are as told. */
  async function signedIn(state: 'cache.on' | 'cache.off') {
    const made = await tell<{ handle: SessionHandle; cookie: string }>(workers[0], { what: 'sign in' })
    for (const worker of workers)
      await expect
        .poll(() => tell(worker, { what: 'ask', cookie: made.cookie, times: 1 }), { timeout: 20_000 })
        .toBe(state)
    return made
  }

  /** Ends a session at the first process while the others ask for it, and returns what they saw. */
  async function endWatched({ handle, cookie }: { handle: SessionHandle; cookie: string }) {
    const watching = workers
      .slice(1)
      .map((worker) => tell<Watched>(worker, { what: 'watch', cookie, forMs: 200 }))
    await tell(workers[0], { what: 'ask', cookie, times: 300 })
    const endedAt = await tell<number>(workers[0], { what: 'end', handle })
    return (await Promise.all(watching)).map(({ lastIn, firstOut }) => ({
      late: lastIn - endedAt,
      isOver: lastIn <= firstOut,
    }))
  }

  test('a request reads Redis once a second at most, and an end is seen elsewhere within that', async () => {
    const made = await signedIn('cache.on')
    await redis.config('RESETSTAT')
    const began = Date.now()
    for (const worker of workers) await tell(worker, { what: 'ask', cookie: made.cookie, times: 500 })
    const seconds = Math.ceil((Date.now() - began) / BOUND_MS) + 1
    expect(await readsOf()).toBeLessThanOrEqual(3 * seconds)
    for (const { late, isOver } of await endWatched(made)) {
      expect(late).toBeLessThan(BOUND_MS)
      expect(isOver).toBe(true)
    }
  })

  test('without pub/sub the cache is off: each request reads Redis, and an end is seen at once', async () => {
    await redis.call('ACL', 'SETUSER', 'default', 'resetchannels')
    const made = await signedIn('cache.off')
    await redis.config('RESETSTAT')
    for (const worker of workers) await tell(worker, { what: 'ask', cookie: made.cookie, times: 100 })
    expect(await readsOf()).toBe(300)
    for (const { late, isOver } of await endWatched(made)) {
      expect(late).toBeLessThanOrEqual(1)
      expect(isOver).toBe(true)
    }
    await redis.call('ACL', 'SETUSER', 'default', 'allchannels')
    await signedIn('cache.on')
  })
})
