import { DAY, HOUR, handle, MINUTE, revocation, session } from '@bff/store-testkit/fixtures'
import { type OptionCases, testOptions } from '@bff/test-support/options'
import { type Cluster, Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll } from 'vitest'
import {
  type DurableOptions,
  type RedisStoreOptions,
  redisStore,
  type SharedStoreOptions,
} from '../../src/index.ts'
import {
  type NodeRedisClient,
  type NodeRedisRateLimiterOptions,
  type NodeRedisStoreOptions,
  redisRateLimiter as nodeRedisRateLimiter,
  redisStore as nodeRedisStore,
} from '../../src/node-redis/index.ts'
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

/** A client of the app's own, and where the store then writes: node-redis does not pass its key prefix on. */
const ofIoredis = {
  client: new Redis(url, { keyPrefix: 'app:', db: 2, lazyConnect: true }) as Redis | Cluster,
  place: 'alone/2 app:bff',
}
const ofNodeRedis = {
  client: createClient({ url, keyPrefix: 'app:', database: 2 }) as NodeRedisClient,
  place: 'alone/2 bff',
}

/** Writes a value. */
const writerTo =
  <Options>(open: (options: Options) => ReturnType<typeof redisStore>) =>
  async (options: Options): Promise<void> => {
    const { sessions, ttl } = open(options)
    await ttl.set('value', 'kept', HOUR).finally(() => sessions.close())
  }

/** Makes a decision. */
const deciderOf =
  <Options>(open: (options: Options) => ReturnType<typeof redisRateLimiter>) =>
  async (options: Options): Promise<void> => {
    const limiter = open(options)
    await limiter
      .consume('value', { name: 'login', requestsPerMinute: 1, burst: 1 })
      .finally(() => limiter.close?.())
  }

/** Writes a session and revokes it. */
async function revoke(
  options: SharedStoreOptions,
  name = 'session',
  open: (options: SharedStoreOptions) => ReturnType<typeof redisStore> = redisStore,
): Promise<void> {
  const { sessions } = open({ url, ...options })
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

/** The options besides the place, on either library. */
function storeCases(
  open: (options: SharedStoreOptions) => ReturnType<typeof redisStore>,
): OptionCases<Pick<SharedStoreOptions, 'operationTimeoutMs' | 'retainRevokedMs' | 'durable'>> {
  const write = writerTo(open)
  return {
    operationTimeoutMs: {
      set: 10_000,
      see: (options) =>
        inSilence(
          alone,
          () => write({ url, ...options }),
          () => write({ url, operationTimeoutMs: 1_200 }),
        ),
      shows: ['store_unavailable', 'answered'],
    },
    retainRevokedMs: {
      set: DAY,
      async see(options) {
        await back.empty()
        await revoke(options, 'session', open)
        const { sessions } = open({ url })
        const kept: boolean[] = []
        for (const ms of [DAY - MINUTE, 2 * MINUTE, 6 * DAY - 2 * MINUTE, 2 * MINUTE]) {
          await back.age(ms)
          kept.push((await sessions.get(handle('session'))) !== null)
        }
        await sessions.close()
        return kept
      },
      shows: [
        [true, true, true, false],
        [true, false, false, false],
      ],
    },
    durable: {
      set: { replicas: 2, timeoutMs: 50 },
      async see(options) {
        await back.empty()
        return codeOf(revoke(options, 'session', open))
      },
      shows: ['answered', 'store_unavailable'],
    },
  }
}

function limiterCases(
  open: (options: SharedStoreOptions) => ReturnType<typeof redisRateLimiter>,
): OptionCases<Pick<SharedStoreOptions, 'operationTimeoutMs'>> {
  const limit = deciderOf(open)
  return {
    operationTimeoutMs: {
      set: 10_000,
      see: (options) =>
        inSilence(
          alone,
          () => limit({ url, ...options }),
          () => limit({ url, operationTimeoutMs: 300 }),
        ),
      shows: ['store_unavailable', 'answered'],
    },
  }
}

testOptions<RedisStoreOptions>('RedisStoreOptions', {
  ...placeCases(places, writerTo(redisStore), 't', ofIoredis),
  ...storeCases(redisStore),
})

testOptions<NodeRedisStoreOptions>('NodeRedisStoreOptions', {
  ...placeCases(places, writerTo(nodeRedisStore), 't', ofNodeRedis),
  ...storeCases(nodeRedisStore),
})

testOptions<RedisRateLimiterOptions>('RedisRateLimiterOptions', {
  ...placeCases(places, deciderOf(redisRateLimiter), 'q', ofIoredis),
  ...limiterCases(redisRateLimiter),
})

testOptions<NodeRedisRateLimiterOptions>('NodeRedisRateLimiterOptions', {
  ...placeCases(places, deciderOf(nodeRedisRateLimiter), 'q', ofNodeRedis),
  ...limiterCases(nodeRedisRateLimiter),
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
