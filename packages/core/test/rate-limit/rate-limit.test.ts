import { manualClock } from '@bff/test-support/clock'
import { describe, expect, it } from 'vitest'
import { backchannelLogout } from '../../src/endpoints/index.ts'
import {
  type Bff,
  type BffConfig,
  BffError,
  type BffEvent,
  jsonReply,
  type RequestView,
} from '../../src/index.ts'
import {
  limitRequests,
  memoryRateLimiter,
  type RateLimiter,
  type RateLimitOptions,
  rateLimit,
} from '../../src/rate-limit/index.ts'
import { headerOf, jsonOf, request, world } from '../world.ts'

const CSRF = { 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }

function limited(options: RateLimitOptions = {}, config: Partial<BffConfig> = {}) {
  const { bff, ...rest } = world({ plugins: [rateLimit(options)], ...config })
  const ask = async (
    path: string,
    address = '192.0.2.7',
    headers: Record<string, string> = CSRF,
    method = 'GET',
  ) => {
    const view = { ...request(method, path, headers), remoteAddress: address }
    const reply = await bff.handle(view)
    if (reply === undefined) throw new Error(`${path} is not a path of the BFF.`)
    return reply
  }
  /** How many of many calls in a row are let through. */
  const count = async (path: string, address?: string, headers?: Record<string, string>) => {
    let passed = 0
    for (let i = 0; i < 150; i++) if ((await ask(path, address, headers)).status !== 429) passed++
    return passed
  }
  return { bff, ...rest, ask, count }
}

const downLimiter = (): RateLimiter => ({
  consume: async () => {
    throw new BffError('store_unavailable', undefined, { cause: new Error('connection refused') })
  },
  close: async () => {},
})

describe('whom it counts together', () => {
  it('by default lets 10 through at once, and 60 a minute after that [S1-39]', async () => {
    const { count, clock } = limited()
    expect(await count('/bff/session')).toBe(10)
    await clock.advance(5000)
    expect(await count('/bff/session')).toBe(5)
    const own = limited({ requestsPerMinute: 120, burst: 4 })
    expect(await own.count('/bff/session')).toBe(4)
    await own.clock.advance(1000)
    expect(await own.count('/bff/session')).toBe(2)
  })

  it('has a bucket for each endpoint: the first path seen decides nothing about others [RLM-09]', async () => {
    const { count } = limited({ endpoints: { '/bff/refresh': { burst: 2 } } })
    expect(await count('/bff/session')).toBe(10)
    expect(await count('/bff/refresh')).toBe(2)
    expect(await count('/bff/login')).toBe(10)
  })

  it('has one bucket for paths that are no endpoint, so that inventing paths wins nothing [RLM-09]', async () => {
    const { ask } = limited()
    let passed = 0
    for (let i = 0; i < 50; i++) if ((await ask(`/bff/${i}`)).status !== 429) passed++
    expect(passed).toBe(10)
  })

  it('has more room for a provider that logs many people out at once', async () => {
    const { count } = limited({}, { plugins: [rateLimit(), backchannelLogout()] })
    expect(await count('/bff/backchannel-logout')).toBe(100)
  })

  it('has one more generous bucket for APIs, and takes limits for parts of them', async () => {
    const { count, ask } = limited({ endpoints: { '/api/reports/*': { requestsPerMinute: 6, burst: 3 } } })
    expect(await count('/api/orders')).toBe(100)
    expect((await ask('/api/invoices')).status).toBe(429)
    expect(await count('/api/reports/1')).toBe(3)
    expect((await ask('/api/reports/2')).status).toBe(429)
    const own = limited({ apis: { burst: 20 } })
    expect(await own.count('/api/orders')).toBe(20)
  })

  it.each(['/api/%72eports/1', '/api/REPORTS/1', '/api/reports;v=1/1', '/api/reports/1/', '/api//reports/1'])(
    'holds %s to the limit of what an API may take it for',
    async (path) => {
      const { count } = limited({ endpoints: { '/api/reports/*': { requestsPerMinute: 6, burst: 3 } } })
      expect(await count('/api/reports/1')).toBe(3)
      expect(await count(path)).toBe(0)
    },
  )

  it('holds a path with a slash at its end to the limit of the path, and excludes neither it nor another spelling', async () => {
    const { count } = limited({
      endpoints: { '/api/search': { requestsPerMinute: 6, burst: 3 } },
      exclude: ['/api/news'],
    })
    expect(await count('/api/search/')).toBe(3)
    expect(await count('/api/search')).toBe(0)
    expect(await count('/api/%6eews')).toBe(100)
  })

  it('leaves excluded paths alone, and they carry no fields [S1-39]', async () => {
    const { count, ask } = limited({ exclude: ['/bff/session', '/api/public/*'] })
    expect(await count('/bff/session')).toBe(150)
    expect(await count('/api/public/news')).toBe(150)
    expect(await count('/bff/user')).toBe(10)
    expect(headerOf(await ask('/bff/session'), 'ratelimit')).toBeUndefined()
  })

  it('limits nobody by address where no address is known, and says so once with the remedy', async () => {
    const { count, events } = limited({}, { clientAddress: () => null })
    expect(await count('/bff/session')).toBe(150)
    expect(await count('/api/orders')).toBe(150)
    const insecure = events.filter(
      (event) => event.type === 'config.insecure' && event.option === 'clientAddress',
    )
    expect(insecure).toEqual([expect.objectContaining({ message: expect.stringContaining('clientAddress') })])
  })

  it('bff.fetch tells no address: one stranger locks nobody out, and a clientAddress counts each', async () => {
    const asked = (address: string) =>
      new Request('https://app.example.com/bff/session', { headers: { ...CSRF, 'x-real-ip': address } })
    const passed = async (bff: Bff, address: string) => {
      let count = 0
      for (let i = 0; i < 20; i++) if ((await bff.fetch(asked(address))).status !== 429) count++
      return count
    }
    const { bff } = limited()
    expect([await passed(bff, '192.0.2.1'), await passed(bff, '192.0.2.2')]).toEqual([20, 20])
    const known = limited({}, { clientAddress: (view) => view.header('x-real-ip') ?? null }).bff
    expect([await passed(known, '192.0.2.1'), await passed(known, '192.0.2.2')]).toEqual([10, 10])
  })

  it('keeps limits by a key of the app’s own where no address is known', async () => {
    const { count } = limited({ key: () => 'alice' }, { clientAddress: () => null })
    expect(await count('/bff/session')).toBe(10)
  })

  it.each([
    ['a prefetch', { 'sec-purpose': 'prefetch' }],
    ['a prerender', { 'sec-purpose': 'prefetch;prerender' }],
    ['an older prefetch', { purpose: 'prefetch' }],
    ['a preview', { 'x-purpose': 'preview' }],
    ['an image', { 'sec-fetch-dest': 'image' }],
    ['a frame', { 'sec-fetch-dest': 'iframe' }],
  ])('%s of the sign-in link spends nothing of a person’s tokens', async (_, headers) => {
    const { ask, count } = limited({ endpoints: { '/bff/login': { burst: 3 } } })
    for (let i = 0; i < 20; i++) expect((await ask('/bff/login', '192.0.2.7', headers)).status).toBe(403)
    expect(await count('/bff/login', '192.0.2.7', { 'sec-fetch-dest': 'document' })).toBe(3)
  })

  it.each([
    [
      'a form',
      'POST',
      '/bff/logout',
      { accept: 'text/html', 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    ],
    [
      'a form of a sibling',
      'POST',
      '/bff/logout',
      { 'sec-fetch-site': 'same-site', origin: 'https://blog.example.com' },
    ],
    ['a script', 'POST', '/bff/refresh', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['an image', 'GET', '/bff/session', { 'sec-fetch-site': 'cross-site' }],
    ['an image of an API', 'GET', '/api/orders', { 'sec-fetch-site': 'cross-site' }],
  ])(
    '%s of another site spends nothing of the tokens of its visitor, who shares an address with others',
    async (_, method, path, headers) => {
      const limit = { burst: 3 }
      const { ask } = limited({
        endpoints: { '/bff/logout': limit, '/bff/refresh': limit, '/bff/session': limit },
        apis: limit,
      })
      for (let i = 0; i < 20; i++) expect((await ask(path, '192.0.2.7', headers, method)).status).toBe(403)
      expect((await ask(path, '192.0.2.7', CSRF, method)).status).not.toBe(429)
    },
  )

  it('a request is charged that says it is of another site where no CSRF check refuses it', async () => {
    const { count } = limited({ endpoints: { '/bff/callback': { burst: 3 } } })
    expect(await count('/bff/callback', '192.0.2.7', { 'sec-fetch-site': 'cross-site' })).toBe(3)
    const allowing = limited({}, { csrf: { allowedOrigins: ['https://www.example.com'] } })
    const sibling = { ...CSRF, 'sec-fetch-site': 'same-site', origin: 'https://www.example.com' }
    expect(await allowing.count('/bff/session', '192.0.2.7', sibling)).toBe(10)
  })

  it('a header of a prefetch wins nothing where it is not refused', async () => {
    const { count } = limited()
    expect(await count('/bff/session', '192.0.2.7', { ...CSRF, 'sec-purpose': 'prefetch' })).toBe(10)
  })

  it('counts each client address alone, and all unknown ones as one where others are known', async () => {
    const { count } = limited({}, { clientAddress: (view) => view.header('x-test') ?? null })
    expect(await count('/bff/session', '', { ...CSRF, 'x-test': '192.0.2.1' })).toBe(10)
    expect(await count('/bff/session', '', { ...CSRF, 'x-test': '192.0.2.2' })).toBe(10)
    expect(await count('/bff/session', '192.0.2.3')).toBe(10)
    expect(await count('/bff/session', '192.0.2.4')).toBe(0)
  })

  it('counts IPv6 by /64 in whatever spelling, and IPv4-mapped as IPv4 (CVE-2026-45364) [RLM-05]', async () => {
    const { count } = limited()
    expect(await count('/bff/session', '2001:db8:1:2::1')).toBe(10)
    expect(await count('/bff/session', '2001:DB8:1:2:ffff:ffff:ffff:ffff')).toBe(0)
    expect(await count('/bff/session', '2001:0db8:0001:0002::9')).toBe(0)
    expect(await count('/bff/session', '2001:db8:1:3::1')).toBe(10)
    expect(await count('/bff/session', '::ffff:192.0.2.9')).toBe(10)
    expect(await count('/bff/session', '::ffff:c000:209')).toBe(0)
    expect(await count('/bff/session', '192.0.2.9')).toBe(0)
    const wide = limited({ ipv6Prefix: 48 })
    expect(await wide.count('/bff/session', '2001:db8:1:2::1')).toBe(10)
    expect(await wide.count('/bff/session', '2001:db8:1:3::1')).toBe(0)
  })

  it('goes by the client address when the app’s key names nobody', async () => {
    const { count } = limited({ key: () => [] })
    expect(await count('/bff/session')).toBe(10)
  })

  it('takes a key of the app’s own; of several keys all must have tokens left [S1-39]', async () => {
    const { count, ask } = limited({
      key: (view, address) => {
        const user = view.header('x-user')
        return user === undefined ? null : [`${address}`, `user ${user}`]
      },
    })
    const as = (user: string) => ({ ...CSRF, 'x-user': user })
    expect(await count('/bff/session', '192.0.2.1', as('alice'))).toBe(10)
    expect(await count('/bff/session', '192.0.2.1', as('bob'))).toBe(0)
    expect(await count('/bff/session', '192.0.2.2', as('alice'))).toBe(0)
    expect(await count('/bff/session', '192.0.2.3', as('carol'))).toBe(10)
    expect(await count('/bff/session', '192.0.2.4')).toBe(10)
    const left = headerOf(await ask('/bff/session', '192.0.2.5', as('dora')), 'ratelimit')
    const less = headerOf(await ask('/bff/session', '192.0.2.6', as('dora')), 'ratelimit')
    const other = headerOf(await ask('/bff/session', '192.0.2.6', as('eve')), 'ratelimit')
    expect([left, less, other]).toEqual(['"session";r=9;t=1', '"session";r=8;t=1', '"session";r=8;t=1'])
    const long = limited({ key: async (view) => `${'x'.repeat(5000)}${view.header('x-user')}` })
    expect(await long.count('/bff/session', '192.0.2.1', as('alice'))).toBe(10)
    expect(await long.count('/bff/session', '192.0.2.1', as('bob'))).toBe(10)
  })
})

describe('what a client is told', () => {
  it('gets the standard fields on every reply, and they do not say whose bucket it is [RLM-02, RLM-04]', async () => {
    const { ask, clock } = limited({ endpoints: { '/bff/login': { requestsPerMinute: 10, burst: 10 } } })
    const first = await ask('/bff/login')
    expect(headerOf(first, 'ratelimit-policy')).toBe('"login";q=10;w=60')
    expect(headerOf(first, 'ratelimit')).toBe('"login";r=9;t=6')
    await clock.advance(2500)
    expect(headerOf(await ask('/bff/login'), 'ratelimit')).toBe('"login";r=8;t=4')
    expect(headerOf(first, 'x-ratelimit-limit')).toBeUndefined()
    expect(JSON.stringify(first.headers)).not.toContain('192.0.2.7')
  })

  it('is refused with 429, the code, and Retry-After no earlier than RateLimit says [S1-40, S1-41, RLM-03]', async () => {
    const { ask, count, events } = limited({
      endpoints: { '/bff/login': { requestsPerMinute: 8, burst: 2 } },
    })
    await count('/bff/login')
    const refused = await ask('/bff/login?returnTo=/secret')
    expect(refused.status).toBe(429)
    expect(jsonOf(refused)).toEqual({
      error: 'rate_limited',
      message: 'Too many requests. Wait and try again.',
    })
    expect(headerOf(refused, 'retry-after')).toBe('8')
    expect(headerOf(refused, 'ratelimit')).toBe('"login";r=0;t=8')
    expect(headerOf(refused, 'cache-control')).toBe('no-store')
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'rate.limited', policy: 'login', path: '/bff/login' }),
    )
  })

  it('gets X-RateLimit-* when asked for, alone or beside the standard fields [S1-41]', async () => {
    const fields = async (headers: NonNullable<RateLimitOptions['headers']>) => {
      const { ask } = limited({ headers })
      const reply = await ask('/bff/session')
      return reply.headers
        .filter(([name]) => name.includes('ratelimit'))
        .map(([name, value]) => `${name}: ${value}`)
    }
    const legacy = [
      'x-ratelimit-limit: 10',
      'x-ratelimit-remaining: 9',
      `x-ratelimit-reset: ${Date.UTC(2030, 0, 1) / 1000 + 1}`,
    ]
    const standard = ['ratelimit-policy: "session";q=10;w=10', 'ratelimit: "session";r=9;t=1']
    expect(await fields('legacy')).toEqual(legacy)
    expect(await fields('both')).toEqual([...standard, ...legacy])
    expect(await fields('standard')).toEqual(standard)
    expect(await fields('none')).toEqual([])
  })

  it('keeps the limits an API itself announces', async () => {
    const limits = limitRequests({ headers: 'both', clock: manualClock() })
    const reply = await limits(request('GET', '/'), async () => ({
      status: 200,
      headers: [
        ['x-ratelimit-remaining', '3'],
        ['ratelimit', '"api";r=3'],
      ],
      body: null,
    }))
    expect(reply.headers.filter(([name]) => name === 'x-ratelimit-remaining')).toEqual([
      ['x-ratelimit-remaining', '3'],
    ])
    expect(reply.headers.filter(([name]) => name === 'ratelimit')).toEqual([
      ['ratelimit', '"api";r=3'],
      ['ratelimit', '"app";r=9;t=1'],
    ])
  })

  it('can be told more by onLimitExceeded [S1-39, S1-42]', async () => {
    const seen: unknown[] = []
    const { count, ask } = limited({
      burst: 1,
      onLimitExceeded: (exceeded, view) => {
        seen.push([exceeded.policy.name, exceeded.remaining, exceeded.retryAfterMs, view.target])
        return view.target === '/bff/user' ? jsonReply(429, { type: 'quota-exceeded' }) : undefined
      },
    })
    await count('/bff/session')
    expect(seen[0]).toEqual(['session', 0, 1000, '/bff/session'])
    await ask('/bff/user')
    const own = await ask('/bff/user')
    expect(jsonOf(own)).toEqual({ type: 'quota-exceeded' })
    expect([headerOf(own, 'retry-after'), headerOf(own, 'ratelimit')]).toEqual(['1', '"user";r=0;t=1'])
  })
})

describe('where it stands', () => {
  it('charges work that fails, and stands ahead of CSRF checks, stores and bodies [RLM-10]', async () => {
    let reads = 0
    const { bff, browser, store } = limited({ burst: 3 })
    const alice = browser()
    await alice.signIn()
    const get = store.sessions.get.bind(store.sessions)
    store.sessions.get = (handle) => {
      reads++
      return get(handle)
    }
    const forged = request('GET', '/bff/session', alice.cookieHeader)
    for (let i = 0; i < 3; i++) expect(await bff.handle(forged)).toMatchObject({ status: 403 })
    const view: RequestView = {
      ...alice.view('POST', '/bff/session'),
      body: () => {
        throw new Error('The body was touched.')
      },
    }
    expect(await bff.handle(view)).toMatchObject({ status: 429 })
    expect(reads).toBe(0)
  })

  it('is closed with the BFF, and closes its limiter', async () => {
    const limiter = memoryRateLimiter()
    const { bff, ask } = limited({ limiter })
    await ask('/bff/session')
    expect(limiter.size).toBe(1)
    await bff.close()
    expect(limiter.size).toBe(0)
  })

  it('is not there unless asked for [S1-23]', async () => {
    const { bff } = world()
    for (let i = 0; i < 150; i++)
      expect(await bff.handle(request('GET', '/bff/session', CSRF))).toMatchObject({ status: 200 })
  })
})

describe('while the limiter’s store is down [RLM-08]', () => {
  it('counts in this process by default, and says so', async () => {
    const { count, events } = limited({ limiter: downLimiter() })
    expect(await count('/bff/login')).toBe(10)
    expect(await count('/api/orders')).toBe(100)
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'store.unavailable',
        operation: 'rate limit',
        cause: expect.objectContaining({ message: 'connection refused' }),
      }),
    )
  })

  it('lets all pass when open, without fields that nobody counted', async () => {
    const { count, ask, events } = limited({ limiter: downLimiter(), onOutage: 'open' })
    expect(await count('/bff/session')).toBe(150)
    expect(headerOf(await ask('/bff/session'), 'ratelimit')).toBeUndefined()
    expect(events.some(({ type }) => type === 'store.unavailable')).toBe(true)
  })

  it('answers 503 when closed, once told', async () => {
    const { ask, events } = limited({ limiter: downLimiter(), onOutage: 'closed' })
    const reply = await ask('/bff/session')
    expect([reply.status, jsonOf(reply).error]).toEqual([503, 'store_unavailable'])
    expect(events.filter(({ type }) => type === 'store.unavailable')).toHaveLength(1)
  })
})

describe('its configuration', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['an unknown option', { rpm: 60 }, /Unknown option rpm of rateLimit.*requestsPerMinute/],
    [
      'one of an endpoint',
      { endpoints: { '/bff/login': { burts: 3 } } },
      /burts of the rate limit for \/bff\/login/,
    ],
    ['one of the APIs', { apis: { rpm: 60 } }, /Unknown option rpm of the rate limit for apis/],
    ['no requests a minute', { requestsPerMinute: 0 }, /requestsPerMinute above 0/],
    ['a broken burst', { endpoints: { '/bff/login': { burst: 0 } } }, /rate limit for login.*burst/],
    [
      'an endpoint that is not under the base path',
      { endpoints: { '/refresh': {} } },
      /write \/bff\/refresh/,
    ],
    ['a pattern that is none', { exclude: ['/api*'] }, /exclude takes paths/],
    ['a path without a slash', { endpoints: { 'bff/login': {} } }, /endpoints takes paths/],
    ['unknown fields', { headers: 'draft-10' }, /headers/],
    ['an unknown answer to outages', { onOutage: 'ignore' }, /onOutage/],
    ['a prefix for single addresses of another kind', { ipv6Prefix: 24 }, /ipv6Prefix/],
  ])('refuses %s', (_, options, message) => {
    expect(() => limited(options)).toThrowError(
      expect.objectContaining({ code: 'invalid_config', message: expect.stringMatching(message) }),
    )
  })
})

it('refuses a limit that misses the base path also for an endpoint of a plugin that comes later', () => {
  const plugins = [rateLimit({ endpoints: { '/backchannel-logout': {} } }), backchannelLogout()]
  expect(() => world({ plugins })).toThrowError(
    expect.objectContaining({ message: expect.stringContaining('write /bff/backchannel-logout') }),
  )
})

describe('limitRequests', () => {
  const ok = async () => jsonReply(200, 'ok')

  it('limits any route, without a BFF [S1-40]', async () => {
    const events: BffEvent[] = []
    const clock = manualClock()
    const limit = limitRequests({
      name: 'contact',
      requestsPerMinute: 30,
      burst: 3,
      clock,
      onEvent: (event) => events.push(event),
    })
    const view = request('POST', '/contact')
    const statuses = async (count: number) =>
      Promise.all(Array.from({ length: count }, async () => (await limit(view, ok)).status))
    expect(await statuses(5)).toEqual([200, 200, 200, 429, 429])
    expect(headerOf(await limit(view, ok), 'ratelimit-policy')).toBe('"contact";q=3;w=6')
    await clock.advance(2000)
    expect(await statuses(2)).toEqual([200, 429])
    expect(events[0]).toEqual({
      type: 'rate.limited',
      policy: 'contact',
      path: '/contact',
      at: Date.UTC(2030, 0, 1),
    })
  })

  it('goes by clientAddress, and throws when closed during an outage', async () => {
    const limit = limitRequests({ burst: 1, clientAddress: (view) => view.header('x-test') ?? null })
    const from = (address: string) => limit(request('GET', '/', { 'x-test': address }), ok)
    expect([(await from('192.0.2.1')).status, (await from('192.0.2.2')).status]).toEqual([200, 200])
    expect((await from('192.0.2.2')).status).toBe(429)
    const closed = limitRequests({ limiter: downLimiter(), onOutage: 'closed' })
    await expect(closed(request('GET', '/'), ok)).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  it('shares buckets with another limit of its name on the same limiter', async () => {
    const limiter = memoryRateLimiter()
    const one = limitRequests({ name: 'mail', burst: 1, limiter })
    const other = limitRequests({ name: 'mail', burst: 1, limiter })
    expect((await one(request('GET', '/'), ok)).status).toBe(200)
    expect((await other(request('GET', '/'), ok)).status).toBe(429)
  })

  it('refuses an unknown option and a name no header can carry', () => {
    const odd: Array<Record<string, unknown>> = [{ rpm: 1 }, { name: 'größe' }]
    for (const options of odd)
      expect(() => limitRequests(options)).toThrowError(expect.objectContaining({ code: 'invalid_config' }))
  })
})
