import { expect, test } from 'vitest'
import { generateDpopKeyPair } from '../../src/dpop/index.ts'
import { BffError, type SessionHandle } from '../../src/index.ts'
import { headerOf, jsonOf, world } from '../world.ts'

test('a session made by the app has all it was given, and a cookie that ends with it [S1-18]', async () => {
  const { bff, browser } = world()
  const dpopKeyPair = await generateDpopKeyPair()
  const { session, cookie } = await bff.sessions.create({
    userId: 'alice',
    issuer: 'https://idp.example.com',
    organizationId: 'org-1',
    tokens: {
      accessToken: 'access',
      refreshToken: 'refresh',
      expiresIn: 60,
      refreshTokenExpiresIn: 600,
      dpopKeyPair,
    },
    metadata: { cf_country: 'DE' },
    ipAddress: '192.0.2.1',
    userAgent: 'Test/1',
  })
  expect(session).toMatchObject({
    userId: 'alice',
    organizationId: 'org-1',
    dpopThumbprint: dpopKeyPair.thumbprint,
    metadata: { cf_country: 'DE' },
    ipAddress: '192.0.2.1',
    userAgent: 'Test/1',
    hasAccessToken: true,
    hasRefreshToken: true,
  })
  expect(session.accessTokenExpiresAt).toBe(session.createdAt + 60_000)
  expect(session.refreshTokenExpiresAt).toBe(session.createdAt + 600_000)
  expect(cookie).toContain('; Max-Age=604800;')
  const user = browser()
  user.keep(cookie)
  expect(jsonOf(await user.fetch('GET', '/bff/session'))).toMatchObject({ user_id: 'alice' })
})

test('a sign-in stamps the session with the time, its ends, the address and the browser [S1-6, S1-18]', async () => {
  const { bff, clock, store, browser } = world()
  const user = browser()
  const state = await user.startSignIn()
  await user.navigate(`/bff/callback?code=c&state=${state}`, { 'user-agent': 'x'.repeat(600) })
  const id = user.cookies.get('__Host-Http-bff') ?? ''
  const now = clock.now()
  expect(await store.sessions.get(id.slice(0, 16) as SessionHandle)).toMatchObject({
    userId: 'alice',
    createdAt: now,
    updatedAt: now,
    lastAccessedAt: now,
    expiresAt: now + 28_800_000,
    absoluteExpiresAt: now + 604_800_000,
    ipAddress: '192.0.2.7',
    userAgent: 'x'.repeat(500),
  })
  await bff.close()
})

test('a session has the documented members, and shows none of what is sealed [S1-5]', async () => {
  const { bff } = world()
  const { session } = await bff.sessions.create({ userId: 'alice', tokens: { accessToken: 'access' } })
  expect(Object.keys(session).sort()).toEqual([
    'absoluteExpiresAt',
    'accessTokenExpiresAt',
    'accessTokenIssuedAt',
    'clientPublicKey',
    'createdAt',
    'deviceId',
    'deviceKey',
    'dpopThumbprint',
    'expiresAt',
    'handle',
    'hasAccessToken',
    'hasRefreshToken',
    'ipAddress',
    'issuer',
    'lastAccessedAt',
    'metadata',
    'organizationId',
    'provider',
    'providerSessionId',
    'refreshTokenExpiresAt',
    'subject',
    'updatedAt',
    'userAgent',
    'userId',
    'version',
  ])
})

test('the endpoints and the APIs are where the configuration says [S1-16]', async () => {
  const { browser, bff } = world({ basePath: '/auth/bff' })
  const user = browser()
  expect(jsonOf(await user.fetch('GET', '/auth/bff/session'))).toEqual({ authenticated: false })
  expect((await user.fetch('POST', '/auth/bff/logout')).status).toBe(200)
  expect((await user.fetch('POST', '/auth/bff/refresh')).status).toBe(401)
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
    expect((await user.fetch(method, '/api/orders')).status).toBe(401)
  expect(bff.handle(user.view('GET', '/bff/session'))).toBeUndefined()
})

test.each([
  ['idle', 28_800_001, {}],
  ['absolute', 20_000_001, { session: { absoluteTimeoutMs: 20_000_000 } }],
  ['refresh_token', 600_001, {}],
] as const)('session.expired names the limit that ended a session: %s', async (limit, afterMs, config) => {
  const { bff, clock, events, browser } = world(config)
  const refreshTokenExpiresIn = limit === 'refresh_token' ? 600 : null
  const tokens = { accessToken: 'access', refreshToken: 'refresh', refreshTokenExpiresIn }
  const { session, cookie } = await bff.sessions.create({ userId: 'alice', tokens })
  const user = browser()
  user.keep(cookie)
  await clock.advance(afterMs)
  expect(jsonOf(await user.fetch('GET', '/bff/session'))).toEqual({ authenticated: false })
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'session.expired', limit, handle: session.handle, userId: 'alice' }),
  )
})

test('use puts the end of a session off to the end of its refresh token, and no further [BFF-17]', async () => {
  const { bff, clock, browser, provider } = world()
  provider.onRefresh = () => {
    throw new BffError('provider_unavailable')
  }
  const hour = 3_600_000
  const tokens = { accessToken: 'access', refreshToken: 'refresh', refreshTokenExpiresIn: 12 * 3600 }
  const { cookie } = await bff.sessions.create({ userId: 'alice', tokens })
  const end = clock.now() + 12 * hour
  const user = browser()
  user.keep(cookie)
  const ends: number[] = []
  for (let hours = 0; hours < 12; hours += 2) {
    await user.fetch('GET', '/bff/session')
    const { expires_at } = jsonOf(await user.fetch('GET', '/bff/session?slide=false'))
    ends.push((Date.parse(expires_at) - end) / hour)
    await clock.advance(2 * hour)
  }
  expect(ends).toEqual([-4, -2, 0, 0, 0, 0])
  await clock.advance(1)
  expect(jsonOf(await user.fetch('GET', '/bff/session'))).toEqual({ authenticated: false })
})

test('a sign-in whose session cannot be stored is none, and says so [flaw 28]', async () => {
  const { store, browser } = world()
  const user = browser()
  const state = await user.startSignIn()
  store.sessions.create = async () => {
    throw new BffError('store_unavailable')
  }
  const reply = await user.navigate(`/bff/callback?code=c&state=${state}`)
  expect(headerOf(reply, 'location')).toBe('/?error=store_unavailable')
  expect(user.cookies.size).toBe(0)
})
