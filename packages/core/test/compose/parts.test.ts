import { randomBytes } from 'node:crypto'
import { manualClock } from '@bff/test-support/clock'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { createMiddleware, originCheck, stack } from '../../src/compose/index.ts'
import {
  BffError,
  type BffEvent,
  createParts,
  jsonReply,
  type PartsConfig,
  type RequestView,
} from '../../src/index.ts'
import { limitRequests } from '../../src/rate-limit/index.ts'
import {
  headerOf,
  jsonOf,
  ORIGIN,
  RecordingUpstream,
  request,
  ScriptedProvider,
  setCookies,
} from '../world.ts'

function setUp(config: Partial<PartsConfig> = {}) {
  const clock = manualClock()
  const store = memoryStore({ clock })
  const provider = new ScriptedProvider()
  const events: BffEvent[] = []
  const made = createParts({
    origin: ORIGIN,
    store,
    encryptionKeys: [randomBytes(32).toString('base64')],
    provider,
    clock,
    onEvent: (event) => events.push(event),
    ...config,
  })
  const parts = { ...made, ...createMiddleware(made) }
  /** Signs alice in; answers the headers of her browser. */
  async function signIn(): Promise<Record<string, string>> {
    const { cookie } = await parts.sessions.create({ userId: 'alice', tokens: provider.tokens() })
    return { cookie: cookie.split(';')[0] ?? '', 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }
  }
  const get = (headers: Record<string, string> = {}, target = '/profile') => request('GET', target, headers)
  /** Who the handler sees. */
  const who = async (view: RequestView) => jsonReply(200, parts.getSession(view)?.userId ?? null)
  return { parts, clock, store, provider, events, signIn, get, who }
}

describe('requireSession and optionalSession [S1-25]', () => {
  it('let the signed-in pass, and the handler see who it is [S1-26]', async () => {
    const { parts, signIn, get, who } = setUp()
    const alice = await signIn()
    for (const layer of [parts.requireSession(), parts.optionalSession()])
      expect(jsonOf(await stack([layer], who)(get(alice)))).toBe('alice')
  })

  it('reject nobody with 401, or let nobody pass', async () => {
    const { parts, get, who } = setUp()
    const anonymous = get({ 'x-csrf': '1', 'sec-fetch-site': 'same-origin' })
    const refused = await stack([parts.requireSession()], who)(anonymous)
    expect([refused.status, jsonOf(refused).error]).toEqual([401, 'no_session'])
    expect(jsonOf(await stack([parts.optionalSession()], who)(anonymous))).toBeNull()
  })

  it('want the CSRF header of a signed-in request, unless told that it is a page [CSR-01]', async () => {
    const { parts, signIn, get, who } = setUp()
    const { cookie = '' } = await signIn()
    const link = get({ cookie, 'sec-fetch-site': 'cross-site' })
    expect((await stack([parts.requireSession()], who)(link)).status).toBe(403)
    expect((await stack([parts.requireSession({ csrf: false })], who)(get({ cookie }))).status).toBe(200)
  })

  it('answer 503 while the store is down and 401 for a dead session, and leave the cookie alone', async () => {
    const { parts, store, signIn, get, who } = setUp()
    const alice = await signIn()
    const read = store.sessions.get
    store.sessions.get = async () => {
      throw new BffError('store_unavailable')
    }
    for (const layer of [parts.requireSession(), parts.optionalSession(), parts.autoRefresh()]) {
      const reply = await stack([layer], who)(get(alice))
      expect([reply.status, setCookies(reply)]).toEqual([503, []])
    }
    store.sessions.get = read
    await parts.sessions.revokeAll({ userId: 'alice', issuer: null })
    const ended = await stack([parts.requireSession()], who)(get(alice))
    expect([ended.status, setCookies(ended)]).toEqual([401, []])
  })

  it('call the hooks, and note the use of the session [S1-24]', async () => {
    const seen: string[] = []
    const { parts, clock, signIn, get, who } = setUp({
      session: { idleTimeoutMs: 3_600_000 },
      hooks: {
        onSessionLoad: () => void seen.push('load'),
        onSessionExpired: () => void seen.push('expired'),
        onSessionInvalid: () => void seen.push('invalid'),
        onNoSession: () => void seen.push('none'),
      },
    })
    const alice = await signIn()
    const ask = stack([parts.requireSession()], who)
    await ask(get({ 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }))
    await clock.advance(1_800_000)
    await ask(get(alice))
    const [touched] = (await parts.sessions.list({ userId: 'alice', issuer: null })).sessions
    expect(touched?.lastAccessedAt).toBe(clock.now())
    await clock.advance(3_600_001)
    await ask(get(alice))
    await ask(get({ ...alice, cookie: `${parts.cookie.name}=${'x'.repeat(43)}` }))
    expect(seen).toEqual(['none', 'load', 'expired', 'invalid'])
  })

  it('optionalSession checks a request when told how, and still lets nobody pass [CSR-01]', async () => {
    const { parts, signIn, get, who } = setUp()
    const { cookie = '' } = await signIn()
    const sent = (site: string) => get({ cookie, 'sec-fetch-site': site })
    const checked = stack([parts.optionalSession({ csrf: 'same-origin' })], who)
    expect(jsonOf(await checked(sent('same-origin')))).toBe('alice')
    expect(jsonOf(await checked(sent('cross-site'))).error).toBe('csrf_violation')
    expect(jsonOf(await checked(get({ 'sec-fetch-site': 'same-origin' })))).toBeNull()
    expect(jsonOf(await stack([parts.optionalSession()], who)(sent('cross-site')))).toBe('alice')
  })

  it('a handler behind no such layer has made a mistake', () => {
    const { parts, get } = setUp()
    expect(() => parts.getSession(get())).toThrowError(expect.objectContaining({ code: 'invalid_argument' }))
  })

  it('sessionOf gives the session, and refuses where nobody is signed in or no middleware has looked', async () => {
    const { parts, signIn, get } = setUp()
    const named = async (view: RequestView) => jsonReply(200, parts.sessionOf(view).userId)
    expect(jsonOf(await stack([parts.requireSession()], named)(get(await signIn())))).toBe('alice')
    const nobody = stack([parts.optionalSession()], named)(get())
    await expect(nobody).rejects.toMatchObject({ code: 'invalid_argument' })
    expect(() => parts.sessionOf(get())).toThrowError(expect.objectContaining({ code: 'invalid_argument' }))
  })
})

describe('autoRefresh [S1-24]', () => {
  it('refreshes before the handler, once the threshold of the configuration is reached', async () => {
    const { parts, clock, provider, signIn, get, who } = setUp({ refresh: { thresholdMs: 10_000 } })
    const ask = stack([parts.requireSession(), parts.autoRefresh()], who)
    const alice = await signIn()
    await clock.advance(49_000)
    await ask(get(alice))
    expect(provider.calls).toEqual([])
    await clock.advance(2000)
    expect((await ask(get(alice))).status).toBe(200)
    expect(provider.calls).toEqual(['refresh'])
  })

  it('an outage of the provider is not a sign-out: it passes while the token lives, then answers 503', async () => {
    const { parts, clock, provider, signIn, get, who } = setUp()
    provider.onRefresh = () => {
      throw new BffError('provider_unavailable')
    }
    const ask = stack([parts.autoRefresh()], who)
    const alice = await signIn()
    await clock.advance(55_000)
    expect((await ask(get(alice))).status).toBe(200)
    await clock.advance(6000)
    const reply = await ask(get(alice))
    expect([reply.status, setCookies(reply)]).toEqual([503, []])
  })

  it('a session the provider ended is answered with 401; nobody is none of its business', async () => {
    const { parts, clock, provider, signIn, get, who } = setUp()
    provider.refresh = async () => {
      throw new BffError('refresh_rejected')
    }
    const ask = stack([parts.autoRefresh()], who)
    const alice = await signIn()
    await clock.advance(61_000)
    expect((await ask(get(alice))).status).toBe(401)
    expect(jsonOf(await ask(get()))).toBeNull()
  })

  it('refresh() asks the provider now; null for a session that has ended', async () => {
    const { parts, clock, provider } = setUp()
    const { session } = await parts.sessions.create({ userId: 'alice', tokens: provider.tokens() })
    await clock.advance(1)
    const before = await session.tokens()
    const refreshed = await parts.refresh(session)
    const after = await refreshed?.tokens()
    expect(provider.calls).toEqual(['refresh'])
    expect([before?.accessToken, after?.accessToken]).toEqual(['access-1', 'access-2'])
    await parts.sessions.revoke(session.handle)
    expect(await parts.refresh(session)).toBeNull()
  })
})

describe('proxyTo [S1-38]', () => {
  it('relays with the token and without the cookie, after the CSRF check, and nothing of other paths', async () => {
    const { parts, signIn } = setUp()
    const upstream = new RecordingUpstream()
    const orders = parts.proxyTo({ path: '/bff/api', target: 'https://orders.internal' }, upstream)
    const alice = await signIn()
    expect((await orders(request('GET', '/bff/api/42?x=1', alice)))?.status).toBe(200)
    expect(upstream.requests[0]?.url).toBe('https://orders.internal/42?x=1')
    const headers = new Map(upstream.requests[0]?.headers)
    expect([headers.get('authorization'), headers.get('cookie')]).toEqual(['Bearer access-1', undefined])
    expect((await orders(request('GET', '/bff/api/42', { cookie: alice['cookie'] ?? '' })))?.status).toBe(403)
    expect((await orders(request('GET', '/bff/api/42', { 'x-csrf': '1' })))?.status).toBe(401)
    for (const path of ['/bff/session', '/.bff/session', '/profile', '/'])
      expect(orders(request('GET', path, alice))).toBeUndefined()
  })

  it('several stand side by side; paths that overlap are a mistake', async () => {
    const { parts, signIn } = setUp()
    const upstream = new RecordingUpstream()
    const target = 'https://api.internal'
    const orders = parts.proxyTo({ path: '/orders', target }, upstream)
    const open = parts.proxyTo({ path: '/news', target, token: 'none', stripPrefix: false }, upstream)
    const alice = await signIn()
    expect(orders(request('GET', '/news', alice))).toBeUndefined()
    expect(
      (await open(request('GET', '/news/1', { 'x-csrf': '1', 'sec-fetch-site': 'same-origin' })))?.status,
    ).toBe(200)
    expect((await orders(request('GET', '/orders', alice)))?.status).toBe(200)
    expect(upstream.requests.map(({ url }) => url)).toEqual([`${target}/news/1`, `${target}/`])
    for (const path of ['/orders/old', '/orders'])
      expect(() => parts.proxyTo({ path, target }, upstream)).toThrowError(
        expect.objectContaining({ code: 'invalid_config' }),
      )
  })
})

describe('the parts [S1-23b]', () => {
  it('are at hand: store, cookie, sessions', async () => {
    const { parts, store, clock, signIn } = setUp()
    expect(parts.stores).toBe(store)
    const { cookie = '' } = await signIn()
    const id = parts.cookie.read(request('GET', '/', { cookie }))
    expect(id).toHaveLength(43)
    expect(parts.cookie.set(id ?? '', clock.now() + 60_000)).toContain(`${cookie}; Path=/; Max-Age=60;`)
  })

  it('close the store and the transports, however often', async () => {
    const { parts, store } = setUp()
    const closed: string[] = []
    const upstream = new RecordingUpstream()
    upstream.close = async () => void closed.push('upstream')
    store.sessions.close = async () => void closed.push('store')
    parts.proxyTo({ path: '/api', target: 'https://orders.internal' }, upstream)
    await parts.close()
    expect(closed.sort()).toEqual(['store', 'upstream'])
  })

  it('are checked as those of createBff are, and answer no path [S1-14, S1-23b]', () => {
    const onLogout = () => {}
    class OfEndpoints {
      onCreateSession() {}
    }
    for (const wrong of [
      { store: undefined },
      { origin: undefined },
      { orgin: 'x' },
      { basePath: '/bff' },
      { login: { returnTo: '/home' } },
      { logout: { returnTo: '/bye' } },
      { hooks: { onLogout } },
      { hooks: new OfEndpoints() },
    ])
      expect(() => setUp(wrong as Partial<PartsConfig>)).toThrowError(
        expect.objectContaining({ code: 'invalid_config' }),
      )
  })
})

it('layers stand in their order, the app’s and those of other entries too', async () => {
  const { parts, signIn, get, who } = setUp()
  const handler = stack(
    [
      limitRequests({ name: 'profile', burst: 2, clock: manualClock() }),
      originCheck({ allowedOrigins: [ORIGIN] }),
      parts.requireSession(),
    ],
    who,
  )
  const alice = await signIn()
  const ok = await handler(get(alice))
  expect([ok.status, headerOf(ok, 'ratelimit')]).toEqual([200, '"profile";r=1;t=1'])
  expect((await handler(get({ ...alice, 'sec-fetch-site': 'cross-site' }))).status).toBe(403)
  expect((await handler(get(alice))).status).toBe(429)
})
