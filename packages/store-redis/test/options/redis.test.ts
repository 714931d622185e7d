import { DAY, HOUR, handle, MINUTE, revocation, session } from '@bff/store-testkit/fixtures'
import { afterAll } from 'vitest'
import { testOptions } from '../../../../tools/test-support/option-cases.ts'
import { type DurableOptions, type RedisStoreOptions, redisStore } from '../../src/index.ts'
import { type RedisRateLimiterOptions, redisRateLimiter } from '../../src/rate-limit.ts'
import { backdoor, START } from '../harness.ts'
import type { RedisServer } from '../servers.ts'
import { codeOf, placeCases, startPlaces } from './places.ts'

const places = await startPlaces()
const { alone, replica } = places
const { url } = alone
const back = backdoor(alone)
afterAll(async () => {
  back.close()
  await places.stop()
})

/** Writes a value. */
async function store(options: RedisRateLimiterOptions): Promise<void> {
  const { sessions, ttl } = redisStore(options)
  await ttl.set('value', 'kept', HOUR).finally(() => sessions.close())
}

/** Makes a decision. */
async function limit(options: RedisRateLimiterOptions): Promise<void> {
  const limiter = redisRateLimiter(options)
  await limiter
    .consume('value', { name: 'login', requestsPerMinute: 1, burst: 1 })
    .finally(() => limiter.close())
}

/** Writes a session and revokes it. */
async function revoke(options: Omit<RedisStoreOptions, 'url'>, name = 'session'): Promise<void> {
  const { sessions } = redisStore({ url, ...options })
  await sessions.create(session(START, { handle: handle(name) }))
  await sessions.revoke(handle(name), revocation(START)).finally(() => sessions.close())
}

/** What becomes of a call while a server says nothing, which it does until another call has given up. */
async function inSilence(
  { signal }: RedisServer,
  call: () => Promise<unknown>,
  other: () => Promise<unknown>,
): Promise<string> {
  signal('SIGSTOP')
  const outcome = codeOf(call())
  await codeOf(other())
  signal('SIGCONT')
  return outcome
}

testOptions<RedisStoreOptions>('RedisStoreOptions', {
  ...placeCases(places, store, 't'),
  operationTimeoutMs: {
    set: 50,
    see: (options) =>
      inSilence(
        alone,
        () => store({ url, ...options }),
        () => store({ url, operationTimeoutMs: 100 }),
      ),
    shows: ['answered', 'store_unavailable'],
  },
  retainRevokedMs: {
    set: DAY,
    async see(options) {
      await back.empty()
      await revoke(options)
      const { sessions } = redisStore({ url })
      const isKept = async () => (await sessions.get(handle('session'))) !== null
      await back.age(DAY - MINUTE)
      const before = await isKept()
      await back.age(2 * MINUTE)
      const after = await isKept()
      await sessions.close()
      return { before, after }
    },
    shows: [
      { before: true, after: true },
      { before: true, after: false },
    ],
  },
  durable: {
    set: { replicas: 2, timeoutMs: 50 },
    async see(options) {
      await back.empty()
      return codeOf(revoke(options))
    },
    shows: ['answered', 'store_unavailable'],
  },
})

testOptions<DurableOptions>('DurableOptions', {
  replicas: {
    instead: 1,
    set: 2,
    async see(options) {
      await back.empty()
      return codeOf(revoke({ durable: { replicas: 1, timeoutMs: 400, ...options } }))
    },
    shows: ['answered', 'store_unavailable'],
  },
  timeoutMs: {
    instead: 1,
    set: 10_000,
    async see(options) {
      await back.empty()
      return inSilence(
        replica,
        () => revoke({ durable: { replicas: 1, ...options } }),
        () => revoke({ durable: { replicas: 1, timeoutMs: 100 } }, 'other'),
      )
    },
    shows: ['store_unavailable', 'answered'],
  },
})

testOptions<RedisRateLimiterOptions>('RedisRateLimiterOptions', {
  ...placeCases(places, limit, 'q'),
  operationTimeoutMs: {
    set: 5000,
    see: (options) =>
      inSilence(
        alone,
        () => limit({ url, ...options }),
        () => limit({ url, operationTimeoutMs: 300 }),
      ),
    shows: ['store_unavailable', 'answered'],
  },
})
