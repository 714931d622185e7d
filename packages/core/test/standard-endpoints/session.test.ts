import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { BffError, generateEncryptionKey, type SessionHandle } from '../../src/index.ts'
import { Browser, headerOf, jsonOf, request, setCookies, world } from '../world.ts'

async function signedIn(config: Parameters<typeof world>[0] = {}) {
  const all = world(config)
  const user = all.browser()
  await user.signIn()
  const id = user.cookies.get('__Host-Http-bff') ?? ''
  return { ...all, user, id, handle: id.slice(0, 16) as SessionHandle }
}

const outage = async (): Promise<never> => {
  throw new BffError('store_unavailable')
}

test('GET /bff/session tells all its fields [S1-19]', async () => {
  const { user, clock } = await signedIn({ hooks: { onCreateSession: () => ({ organizationId: 'org-1' }) } })
  const reply = await user.fetch('GET', '/bff/session')
  const iso = (ms: number) => new Date(clock.now() + ms).toISOString()
  expect([reply.status, jsonOf(reply)]).toEqual([
    200,
    {
      authenticated: true,
      user_id: 'alice',
      organization_id: 'org-1',
      expires_at: iso(28_800_000),
      expires_in: 28_800,
      access_token_expires_at: iso(60_000),
    },
  ])
})

test('GET /bff/session shows the listed members of the metadata, and no other [S1-19]', async () => {
  const metadata = { plan: 'pro', seats: 3, internalNote: 'owes us money' }
  const publicMetadata = ['plan', 'seats', 'tokens', 'accessTokenEncrypted', 'constructor', '__proto__']
  const { bff, browser } = world({ session: { publicMetadata } })
  const tokens = { accessToken: 'secret-access', refreshToken: 'secret-refresh', idToken: null }
  const issued = await bff.sessions.create({ userId: 'alice', metadata, tokens })
  const user = browser()
  user.keep(issued.cookie)
  const reply = await user.fetch('GET', '/bff/session?slide=false')
  expect(jsonOf(reply).metadata).toEqual({ plan: 'pro', seats: 3 })
  expect(reply.body).not.toMatch(/secret|owes/)
  for (const path of ['/bff/user', '/bff/nothing'])
    expect((await user.fetch('GET', path)).body).not.toMatch(/plan|owes/)

  await bff.sessions.update(issued.session, { metadata: { plan: 'free', internalNote: '' } })
  expect(jsonOf(await user.fetch('GET', '/bff/session')).metadata).toEqual({ plan: 'free' })
})

test('A signed-out browser sees no metadata, also of a session that was revoked [S1-19]', async () => {
  const { bff, browser } = world({ session: { publicMetadata: ['plan'] } })
  const user = browser()
  const { cookie } = await bff.sessions.create({ userId: 'alice', metadata: { plan: 'pro' } })
  user.keep(cookie)
  await bff.sessions.revokeAll({ userId: 'alice' }, { reasonCode: 'admin', actorType: 'admin' })
  expect(jsonOf(await user.fetch('GET', '/bff/session'))).toEqual({ authenticated: false })
})

test('anonymous is 200 {"authenticated":false} with no cookie written [S1-19]', async () => {
  const { browser } = world()
  const reply = await browser().fetch('GET', '/bff/session')
  expect([reply.status, reply.body, setCookies(reply)]).toEqual([200, '{"authenticated":false}', []])
})

test('every reply is private [CKS-13, CKS-19]', async () => {
  const { user } = await signedIn()
  for (const target of ['/bff/session', '/bff/user', '/bff/login', '/bff/nothing', '/api/orders']) {
    const { headers } = await user.fetch('GET', target)
    expect(headers).toContainEqual(['cache-control', 'no-store'])
    expect(
      headers
        .filter(([name]) => name === 'vary')
        .map(([, value]) => value)
        .join(),
    ).toContain('Cookie')
  }
})

test('every endpoint a script calls needs the header [BFF-10]', async () => {
  const { user, bff, events, upstream } = await signedIn()
  const bare = (method: string, target: string) =>
    bff.handle(request(method, target, { ...user.cookieHeader, 'sec-fetch-site': 'same-origin' }))
  const calls = [
    ['GET', '/bff/session'],
    ['GET', '/bff/user'],
    ['POST', '/bff/logout'],
    ['POST', '/bff/refresh'],
    ['GET', '/api/orders'],
    ['POST', '/api/orders'],
    ['DELETE', '/api'],
  ] as const
  for (const [method, target] of calls) {
    const reply = await bare(method, target)
    expect([target, reply?.status, reply && jsonOf(reply).error]).toEqual([target, 403, 'csrf_violation'])
  }
  expect(events.filter(({ type }) => type === 'csrf.rejected')).toHaveLength(calls.length)
  expect(upstream.requests).toEqual([])
})

test.each([
  ['POST', '/bff/session', 'GET, HEAD'],
  ['DELETE', '/bff/user', 'GET, HEAD'],
  ['PUT', '/bff/logout', 'POST, GET'],
  ['GET', '/bff/refresh', 'POST'],
  ['POST', '/bff/login', 'GET'],
  ['constructor', '/bff/session', 'GET, HEAD'],
])('%s %s is 405 and names what is allowed [BFF-13]', async (method, target, allow) => {
  const { browser } = world()
  const reply = await browser().fetch(method, target)
  expect([reply.status, jsonOf(reply).error, headerOf(reply, 'allow')]).toEqual([
    405,
    'method_not_allowed',
    allow,
  ])
})

test('paths of the app are not ours, synchronously; unknown ones below the base path are 404', async () => {
  const { bff, browser } = world()
  for (const target of ['/', '/bffx', '/apix', '/BFF/session', '/%62ff/session']) {
    expect(bff.handle(request('GET', target))).toBeUndefined()
  }
  expect((await browser().fetch('GET', '/bff/nothing')).status).toBe(404)
  for (const target of ['http://evil.example/bff/session', '*', 'evil.example:443', ''])
    expect(jsonOf(await browser().fetch('GET', target)).error).toBe('invalid_path')
})

test('GET /bff/user is a list of claims, one entry a value [BFF-16]', async () => {
  const { user, clock } = await signedIn()
  await clock.advance(1_000)
  const claims = jsonOf(await user.fetch('GET', '/bff/user'))
  const of = (type: string) => claims.filter((claim: { type: string }) => claim.type === type)
  expect(of('name')).toEqual([
    { type: 'name', value: 'Alice', valueType: 'http://www.w3.org/2001/XMLSchema#string' },
  ])
  expect(of('roles').map((claim: { value: string }) => claim.value)).toEqual(['buyer', 'admin'])
  expect(of('bff:session_state')[0].value).toBe('state-1')
  expect(of('bff:session_expires_in')[0].value).toBe(28_799)
  expect(of('bff:logout_url')[0].value).toMatch(/^\/bff\/logout\?sid=[\w-]{22}$/)
  expect(JSON.stringify(claims)).not.toMatch(/access-|refresh-/)
})

test('GET /bff/user is 401 for nobody, and slide=false does not keep the session awake', async () => {
  const { user, clock, browser } = await signedIn()
  expect(jsonOf(await browser().fetch('GET', '/bff/user')).error).toBe('no_session')
  for (let hour = 0; hour < 7; hour++) {
    await clock.advance(3_600_000)
    expect((await user.fetch('GET', '/bff/user?slide=false')).status).toBe(200)
  }
  await clock.advance(3_600_001)
  expect(jsonOf(await user.fetch('GET', '/bff/user?slide=false')).error).toBe('session_expired')
})

test('use keeps a session awake, but never past its absolute end [CKS-11]', async () => {
  const { user, clock } = await signedIn()
  for (let hours = 0; hours < 7 * 24; hours += 7) {
    expect(jsonOf(await user.fetch('GET', '/bff/session')).authenticated).toBe(true)
    await clock.advance(7 * 3_600_000)
  }
  await clock.advance(1)
  const reply = await user.fetch('GET', '/bff/session')
  expect([jsonOf(reply).authenticated, setCookies(reply)]).toEqual([false, []])
})

test('principle 7: one read and no write a request, one touch per share of the idle time', async () => {
  const { user, store, clock } = await signedIn()
  const calls: string[] = []
  for (const method of ['get', 'update', 'touch', 'create'] as const) {
    const original = store.sessions[method].bind(store.sessions) as (...args: unknown[]) => unknown
    Object.assign(store.sessions, {
      [method]: (...args: unknown[]) => {
        calls.push(method)
        return original(...args)
      },
    })
  }
  for (let request = 0; request < 20; request++) await user.fetch('GET', '/api/orders')
  expect(calls).toEqual(Array(20).fill('get'))
  await clock.advance(28_800_000 * 0.1)
  calls.length = 0
  await user.fetch('GET', '/bff/session')
  await user.fetch('GET', '/bff/session')
  expect(calls).toEqual(['get', 'touch', 'get'])
})

test('a malformed id never reaches the store, an unknown one is never adopted [CKS-05, CKS-09]', async () => {
  const { bff, store, id } = await signedIn()
  let reads = 0
  const get = store.sessions.get.bind(store.sessions)
  store.sessions.get = (handle) => {
    reads++
    return get(handle)
  }
  const ask = async (value: string) => {
    const thief = new Browser(bff)
    thief.cookies.set('__Host-Http-bff', value)
    return jsonOf(await thief.fetch('GET', '/bff/session')).authenticated
  }
  for (const value of [
    '',
    'x',
    `${id}x`,
    id.slice(1),
    `"${id}"`,
    id.replace(/./, '%'),
    `${id.slice(0, 42)},`,
  ])
    expect(await ask(value)).toBe(false)
  expect(reads).toBe(0)
  expect(await ask('A'.repeat(43))).toBe(false)
  expect(await ask(id.slice(0, 16) + 'A'.repeat(27))).toBe(false)
  expect(await ask(id)).toBe(true)
})

test('two session cookies are none, and are reported [CKS-04]', async () => {
  const { bff, id, events } = await signedIn()
  const headers = {
    cookie: `__Host-Http-bff=${id}; __Host-Http-bff=${id}`,
    'x-csrf': '1',
    'sec-fetch-site': 'same-origin',
  }
  const reply = await bff.handle(request('GET', '/bff/session', headers))
  expect(reply?.body).toBe('{"authenticated":false}')
  expect(events).toContainEqual(expect.objectContaining({ type: 'cookie.duplicate' }))
})

test('a cookie header bomb is 431 [CKS-06]', async () => {
  const { bff } = world()
  const headers = { cookie: 'x'.repeat(20_000), 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }
  expect((await bff.handle(request('GET', '/bff/session', headers)))?.status).toBe(431)
})

test('a store outage is 503 with Retry-After and leaves cookie and session alone [STO-15]', async () => {
  const { user, store } = await signedIn()
  const get = store.sessions.get
  store.sessions.get = outage
  for (const [method, target] of [
    ['GET', '/bff/session'],
    ['GET', '/bff/user'],
    ['GET', '/api/orders'],
    ['POST', '/bff/logout'],
  ] as const) {
    const reply = await user.fetch(method, target)
    expect([reply.status, jsonOf(reply).error, headerOf(reply, 'retry-after'), setCookies(reply)]).toEqual([
      503,
      'store_unavailable',
      '1',
      [],
    ])
  }
  store.sessions.get = get
  expect(jsonOf(await user.fetch('GET', '/bff/session')).authenticated).toBe(true)
})

test('the end it tells is the one its own use has made [S1-19]', async () => {
  const { bff, user, clock } = await signedIn()
  await clock.advance(3_600_000)
  const told = jsonOf(await user.fetch('GET', '/bff/session'))
  const stored = await bff.sessions.list({ userId: 'alice' })
  expect(told).toMatchObject({
    expires_in: 28_800,
    expires_at: new Date(clock.now() + 28_800_000).toISOString(),
  })
  expect(stored.sessions.map(({ expiresAt }) => expiresAt)).toEqual([clock.now() + 28_800_000])
})

test('the end it tells is the stored one, also when its use could not be noted or moved nothing [S1-19]', async () => {
  const encryptionKeys = [generateEncryptionKey()]
  const { bff, store, user, clock } = await signedIn({ encryptionKeys })
  const told = async () => {
    const { expires_at } = jsonOf(await user.fetch('GET', '/bff/session'))
    const { sessions } = await bff.sessions.list({ userId: 'alice' })
    return [expires_at, new Date(sessions[0]?.expiresAt ?? 0).toISOString()]
  }
  const { touch } = store.sessions
  await clock.advance(3_600_000)
  store.sessions.touch = outage
  const [end, stored] = await told()
  expect(end).toBe(stored)
  store.sessions.touch = touch

  // Another process, whose idle time is shorter: a use never brings the end nearer.
  const shorter = world({ store, clock, encryptionKeys, session: { idleTimeoutMs: 60_000 } })
  const reply = await shorter.bff.handle(user.view('GET', '/bff/session'))
  expect(reply && jsonOf(reply).expires_at).toBe(stored)
})

test('what a touch found ended stays ended for everything the request asks', async () => {
  const { bff, store, user, clock } = await signedIn()
  await clock.advance(3_600_000)
  const { touch } = store.sessions
  store.sessions.touch = async () => false
  const view = user.view('GET', '/orders')
  const asked = [bff.requireSession(view), bff.requireSession(view)]
  const outcomes = await Promise.allSettled(asked)
  store.sessions.touch = touch
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await bff.getSession(view)).toBeNull()
})

test('a session the app has frozen is served as it was read', async () => {
  const { user, clock } = await signedIn({
    hooks: { onSessionLoad: (session) => void Object.freeze(session) },
  })
  await clock.advance(3_600_000)
  expect(jsonOf(await user.fetch('GET', '/bff/session'))).toMatchObject({ expires_in: 28_800 - 3_600 })
})

test.each([
  ['same-origin', 'GET', true],
  ['same-origin', 'POST', false],
  ['form', 'POST', true],
  ['header', 'GET', false],
  [true, 'GET', false],
] as const)('getSession with csrf: %j and without the header: %s [CSR-01]', async (csrf, method, passes) => {
  const { bff, user, store, events } = await signedIn()
  const sent = (site: string) =>
    request(method, '/orders?a=1', { ...user.cookieHeader, 'sec-fetch-site': site })
  const asked = bff.getSession(sent('same-origin'), { csrf })
  if (passes) expect((await asked)?.userId).toBe('alice')
  else await expect(asked).rejects.toMatchObject({ code: 'csrf_violation' })
  store.sessions.get = outage
  // Refused before the store is asked.
  await expect(bff.getSession(sent('cross-site'), { csrf })).rejects.toMatchObject({ code: 'csrf_violation' })
  expect(events.at(-1)).toMatchObject({ type: 'csrf.rejected', path: '/orders' })
})

test('getSession makes no CSRF check by itself, and none where it is told so', async () => {
  const { bff, user } = await signedIn()
  const sent = () => request('POST', '/orders', { ...user.cookieHeader, 'sec-fetch-site': 'cross-site' })
  expect((await bff.getSession(sent()))?.userId).toBe('alice')
  expect((await bff.getSession(sent(), { csrf: false }))?.userId).toBe('alice')
  expect(await bff.getSession(request('GET', '/orders', { 'x-csrf': '1' }), { csrf: true })).toBeNull()
})

test('one request touches at most once, even where every use is to be written', async () => {
  const { bff, store, clock, browser } = world({ session: { touchShare: 0 } })
  const user = browser()
  await user.signIn()
  const touch = store.sessions.touch.bind(store.sessions)
  let touches = 0
  store.sessions.touch = (...args) => {
    touches++
    return touch(...args)
  }
  await clock.advance(1)
  const view = user.view('GET', '/orders')
  await Promise.all([bff.requireSession(view), bff.getSession(view), bff.requireSession(view)])
  await bff.getSession(view)
  expect(touches).toBe(1)
})

test('a touch that fails refuses nothing; a touch that finds the session revoked ends it', async () => {
  const { user, store, clock } = await signedIn()
  const { touch } = store.sessions
  await clock.advance(3_600_000)
  store.sessions.touch = outage
  expect(jsonOf(await user.fetch('GET', '/bff/session')).authenticated).toBe(true)
  store.sessions.touch = async () => false
  expect(jsonOf(await user.fetch('GET', '/bff/session')).authenticated).toBe(false)
  store.sessions.touch = touch
})

test('a session never outlives its refresh token [BFF-17]', async () => {
  const { bff, clock, browser, provider } = world()
  provider.onRefresh = outage
  const { cookie } = await bff.sessions.create({
    userId: 'alice',
    tokens: { accessToken: 'a', refreshToken: 'r', refreshTokenExpiresIn: 600 },
  })
  const user = browser()
  user.keep(cookie)
  await clock.advance(600_000)
  expect(jsonOf(await user.fetch('GET', '/bff/session')).authenticated).toBe(true)
  await clock.advance(1)
  expect(jsonOf(await user.fetch('GET', '/bff/session')).authenticated).toBe(false)
})

test('POST /bff/refresh answers when the new access token expires [S1-21]', async () => {
  const { user, clock, provider } = await signedIn()
  await clock.advance(10_000)
  const reply = await user.fetch('POST', '/bff/refresh')
  expect(jsonOf(reply)).toEqual({ message: 'Session refreshed', expires_at: (clock.now() + 60_000) / 1000 })
  expect(provider.calls.filter((call) => call === 'refresh')).toHaveLength(1)
})

test('POST /bff/refresh: nobody 401, no provider 501, outage 503, rejected 401', async () => {
  const { user, provider, browser } = await signedIn()
  expect((await browser().fetch('POST', '/bff/refresh')).status).toBe(401)
  expect(
    (
      await world({ provider: undefined } as never)
        .browser()
        .fetch('POST', '/bff/refresh')
    ).status,
  ).toBe(501)
  provider.onRefresh = () => {
    throw new BffError('provider_unavailable', undefined, { retryAfter: 7 })
  }
  const busy = await user.fetch('POST', '/bff/refresh')
  expect([busy.status, headerOf(busy, 'retry-after'), user.cookies.size]).toEqual([503, '7', 1])
  provider.onRefresh = () => {
    throw new BffError('refresh_rejected')
  }
  const ended = await user.fetch('POST', '/bff/refresh')
  expect([ended.status, jsonOf(ended).error, user.cookies.size]).toEqual([401, 'refresh_rejected', 1])
})

test('rotation: the new cookie works, the old one for its grace, and used later it ends the session as stolen', async () => {
  const { bff, user, id, clock, events, store, handle } = await signedIn()
  const session = await bff.getSession(user.view('GET', '/'))
  const rotated = session && (await bff.sessions.rotate(session))
  user.keep(rotated?.cookie ?? '')
  const old = new Browser(bff)
  old.cookies.set('__Host-Http-bff', id)
  const authenticated = async (browser: Browser) =>
    jsonOf(await browser.fetch('GET', '/bff/session')).authenticated
  expect(user.cookies.get('__Host-Http-bff')?.slice(0, 16)).toBe(handle)
  expect(user.cookies.get('__Host-Http-bff')).not.toBe(id)
  expect([await authenticated(user), await authenticated(old)]).toEqual([true, true])
  await clock.advance(30_001)
  expect(await authenticated(user)).toBe(true)
  old.cookies.set('__Host-Http-bff', id)
  expect(await authenticated(old)).toBe(false)
  expect(events).toContainEqual(expect.objectContaining({ type: 'session.theft', handle }))
  expect(await authenticated(user)).toBe(false)
  expect((await store.sessions.get(handle))?.revocation?.reasonCode).toBe('rotation_theft')
})

test('a session shows no secret when logged, inspected or serialised [LOG-01]', async () => {
  const { bff, user, id, events } = await signedIn()
  const session = await bff.getSession(user.view('GET', '/'))
  expect((await session?.tokens())?.accessToken).toBe('access-1')
  const shown = [
    inspect(session, { depth: 9, showHidden: true }),
    JSON.stringify(session),
    JSON.stringify(events),
  ].join()
  for (const secret of ['access-1', 'refresh-1', id, id.slice(16), 'Alice'])
    expect(shown).not.toContain(secret)
})

test('hooks: load may refuse, expired and invalid and absent are told apart [S1-15, S1-24]', async () => {
  const told: string[] = []
  const { user, bff, clock } = await signedIn({
    hooks: {
      onSessionLoad: (session) => {
        told.push(`load ${session.userId}`)
        if (told.length > 1) throw new Error('suspended')
      },
      onSessionExpired: ({ userId }) => void told.push(`expired ${userId}`),
      onSessionInvalid: () => void told.push('invalid'),
      onNoSession: () => void told.push('none'),
    },
  })
  expect((await user.fetch('GET', '/bff/user')).status).toBe(200)
  expect((await user.fetch('GET', '/bff/user')).status).toBe(401)
  expect(user.cookies.size).toBe(1)
  const stranger = new Browser(bff)
  await stranger.fetch('GET', '/bff/user')
  stranger.cookies.set('__Host-Http-bff', 'A'.repeat(43))
  await stranger.fetch('GET', '/bff/user')
  await clock.advance(28_800_001)
  await user.fetch('GET', '/bff/user')
  expect(told).toEqual(['load alice', 'load alice', 'none', 'none', 'invalid', 'expired alice'])
})
