import { manualClock } from '@bff/test-support/clock'
import type { OptionCases } from '@bff/test-support/options'
import { BffError, jsonReply, type Reply } from '../../src/index.ts'
import {
  type LimitingOptions,
  memoryRateLimiter,
  type RateLimit,
  type RateLimiter,
} from '../../src/rate-limit/index.ts'
import { request } from '../world.ts'

export interface From {
  readonly path?: string
  readonly address?: string
  readonly user?: string
}

/** Something limited, and how to call it. */
export interface Limited {
  call(from?: From): Promise<Reply>
  advance(ms: number): Promise<void>
}

export const viewOf = ({ path = '/bff/session', address = '192.0.2.7', user = 'alice' }: From = {}) => ({
  ...request('GET', path, { 'x-csrf': '1', 'sec-fetch-site': 'same-origin', 'x-user': user }),
  remoteAddress: address,
})

/** The replies to as many calls in a row. */
export async function calls(count: number, { call }: Limited, from: From = {}): Promise<readonly Reply[]> {
  const replies: Reply[] = []
  for (let i = 0; i < count; i++) replies.push(await call(from))
  return replies
}

/** How many of as many calls in a row pass. */
export const passed = async (count: number, limited: Limited, from: From = {}) =>
  (await calls(count, limited, from)).filter(({ status }) => status !== 429).length

const fieldsOf = async ({ call }: Limited) =>
  (await call()).headers.filter(([name]) => name.includes('ratelimit')).map(([name]) => name)

const DOWN: RateLimiter = {
  consume: async () => {
    throw new BffError('store_unavailable')
  },
  close: async () => {},
}

/** What `rateLimit` and `limitRequests` both take. */
export function limitCases(
  limit: (options: RateLimit & LimitingOptions) => Limited,
): OptionCases<RateLimit & LimitingOptions> {
  return {
    requestsPerMinute: {
      set: 120,
      see: async (options) => {
        const limited = limit(options)
        await calls(20, limited)
        await limited.advance(3_000)
        return passed(20, limited)
      },
      shows: [3, 6],
    },
    burst: { set: 4, see: (options) => passed(20, limit(options)), shows: [10, 4] },
    key: {
      set: (view) => view.header('x-user') ?? null,
      see: async (options) => {
        const limited = limit(options)
        return [await passed(20, limited, { user: 'alice' }), await passed(20, limited, { user: 'bob' })]
      },
      shows: [
        [10, 0],
        [10, 10],
      ],
    },
    ipv6Prefix: {
      set: 48,
      see: async (options) => {
        const limited = limit(options)
        await calls(20, limited, { address: '2001:db8:1:2::1' })
        return passed(20, limited, { address: '2001:db8:1:3::1' })
      },
      shows: [10, 0],
    },
    headers: {
      set: 'legacy',
      see: (options) => fieldsOf(limit(options)),
      shows: [
        ['ratelimit-policy', 'ratelimit'],
        ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'],
      ],
    },
    limiter: {
      set: memoryRateLimiter({ clock: manualClock() }),
      see: async (options) => {
        await calls(8, limit(options))
        return passed(20, limit(options))
      },
      shows: [10, 2],
    },
    onOutage: {
      set: 'open',
      see: (options) => passed(20, limit({ limiter: DOWN, ...options })),
      shows: [10, 20],
    },
    onLimitExceeded: {
      set: () => jsonReply(418, 'no'),
      see: async (options) => (await calls(11, limit(options))).at(-1)?.status,
      shows: [429, 418],
    },
  }
}
