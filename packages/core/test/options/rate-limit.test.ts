import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { jsonReply } from '../../src/index.ts'
import {
  type LimitRequestsOptions,
  limitRequests,
  type MemoryRateLimiterOptions,
  memoryRateLimiter,
  type RateLimitOptions,
  rateLimit,
} from '../../src/rate-limit/index.ts'
import { world } from '../world.ts'
import { calls, type Limited, limitCases, passed, viewOf } from './limit-cases.ts'

function withBff(options: RateLimitOptions): Limited {
  const { bff, clock } = world({ plugins: [rateLimit(options)] })
  return {
    advance: clock.advance,
    async call(from) {
      const reply = await bff.handle(viewOf(from))
      if (reply === undefined) throw new Error('That is not a path of the BFF.')
      return reply
    },
  }
}

testOptions<RateLimitOptions>('RateLimitOptions', {
  ...limitCases(withBff),
  endpoints: {
    set: { '/bff/session': { burst: 3 } },
    see: async (options) => {
      const limited = withBff(options)
      return [await passed(20, limited), await passed(20, limited, { path: '/bff/user' })]
    },
    shows: [
      [10, 10],
      [3, 10],
    ],
  },
  apis: {
    set: { burst: 20 },
    see: (options) => passed(120, withBff(options), { path: '/api/orders' }),
    shows: [100, 20],
  },
  exclude: {
    set: ['/bff/session'],
    see: (options) => passed(20, withBff(options)),
    shows: [10, 20],
  },
})

function alone(options: LimitRequestsOptions): Limited {
  const clock = manualClock()
  const limit = limitRequests({ clock, ...options })
  return { advance: clock.advance, call: (from) => limit(viewOf(from), async () => jsonReply(200, 'ok')) }
}

const chosen = manualClock()
const reported: string[] = []

testOptions<LimitRequestsOptions>('LimitRequestsOptions', {
  ...limitCases(alone),
  name: {
    set: 'contact',
    see: async (options) => (await alone(options).call()).headers.find(([name]) => name === 'ratelimit'),
    shows: [
      ['ratelimit', '"app";r=9;t=1'],
      ['ratelimit', '"contact";r=9;t=1'],
    ],
  },
  clientAddress: {
    set: (view) => view.header('x-user') ?? null,
    see: async (options) => {
      const limited = alone(options)
      await calls(20, limited, { user: '198.51.100.1' })
      return passed(20, limited, { user: '198.51.100.2' })
    },
    shows: [0, 10],
  },
  onEvent: {
    set: ({ type }) => {
      reported.push(type)
    },
    see: async (options) => {
      reported.length = 0
      await calls(11, alone(options))
      return [...reported]
    },
    shows: [[], ['rate.limited']],
  },
  clock: {
    set: chosen,
    see: async (options) => {
      const limit = limitRequests({ requestsPerMinute: 1, burst: 1, ...options })
      const ask = async () => (await limit(viewOf(), async () => jsonReply(200, 'ok'))).status
      await ask()
      await chosen.advance(60_000)
      return ask()
    },
    shows: [429, 200],
  },
})

const POLICY = { name: 'mail', requestsPerMinute: 1, burst: 1 }

testOptions<MemoryRateLimiterOptions>('MemoryRateLimiterOptions', {
  maxKeys: {
    set: 2,
    see: async (options) => {
      const limiter = memoryRateLimiter(options)
      for (const key of ['alice', 'bob', 'carol']) await limiter.consume(key, POLICY)
      return limiter.size
    },
    shows: [3, 2],
  },
  clock: {
    set: chosen,
    see: async (options) => {
      const limiter = memoryRateLimiter(options)
      await limiter.consume('alice', POLICY)
      await chosen.advance(60_000)
      return (await limiter.consume('alice', POLICY)).allowed
    },
    shows: [false, true],
  },
})
