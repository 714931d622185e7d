import { expect, test } from 'vitest'
import type { BffConfig, Claims } from '../../src/index.ts'
import { headerOf, jsonOf, world } from '../world.ts'

const HOUR = 3_600_000

/** A world whose provider signs these claims; those of a refresh are `null` until a test sets them. */
function signingWorld(claims: (seconds: number) => Claims, config: Partial<BffConfig> = {}) {
  const all = world(config)
  const { provider, clock } = all
  const { exchange } = provider
  provider.expiresIn = 24 * 3600
  const signed: { atRefresh: Claims | null } = { atRefresh: null }
  provider.exchange = async () => {
    const grant = await exchange.call(provider)
    return { ...grant, claims: { ...grant.claims, ...claims(clock.now() / 1000) } }
  }
  // As many providers do, it keeps the refresh token, and does not repeat when that ends.
  provider.refresh = async () => ({ ...provider.tokens(), refreshToken: null, claims: signed.atRefresh })
  const user = all.browser()
  return {
    ...all,
    user,
    signed,
    isSignedIn: async () => jsonOf(await user.fetch('GET', '/bff/session')).authenticated,
    refresh: async () => (await user.fetch('POST', '/bff/refresh')).status,
  }
}

const inHours = (hours: number) => (seconds: number) => ({ session_expiry: seconds + hours * 3600 })

test('A session ends when the session_expiry of its ID token says so, to the millisecond', async () => {
  const { user, clock, isSignedIn, events } = signingWorld(inHours(1))
  await user.signIn()
  await clock.advance(HOUR / 2 - 1)
  expect(await isSignedIn()).toBe(true)
  await clock.advance(HOUR / 2 + 1)
  expect(await isSignedIn()).toBe(true)
  await clock.advance(1)
  expect(await isSignedIn()).toBe(false)
  expect(events.map(({ type }) => type)).toContain('session.expired')
})

test('A session_expiry after the absolute limit does not lengthen a session', async () => {
  const { user, clock, isSignedIn } = signingWorld(inHours(100), { session: { absoluteTimeoutMs: HOUR } })
  await user.signIn()
  await clock.advance(HOUR + 1)
  expect(await isSignedIn()).toBe(false)
})

test.each([
  ['earlier', 1, HOUR],
  ['later', 4, 4 * HOUR],
  ['after the absolute limit', 90, 6 * HOUR],
])('A refreshed ID token whose session_expiry is %s moves the end', async (_, hours, end) => {
  const session = { absoluteTimeoutMs: 6 * HOUR }
  const { user, clock, signed, isSignedIn, refresh } = signingWorld(inHours(2), { session })
  await user.signIn()
  signed.atRefresh = { ...inHours(hours)(clock.now() / 1000), sub: 'alice' }
  await clock.advance(1_000)
  expect(await refresh()).toBe(200)
  await clock.advance(end - 1_000)
  expect(await isSignedIn()).toBe(true)
  await clock.advance(1)
  expect(await isSignedIn()).toBe(false)
})

test('A refresh whose ID token names no session_expiry, or without one, takes the end not back', async () => {
  const { user, clock, signed, isSignedIn, refresh } = signingWorld(inHours(2))
  await user.signIn()
  for (const claims of [null, { sub: 'alice' }]) {
    signed.atRefresh = claims
    await clock.advance(1_000)
    expect(await refresh()).toBe(200)
  }
  await clock.advance(2 * HOUR - 1_999)
  expect(await isSignedIn()).toBe(false)
})

test('A token for another API, which replaces the refresh token, leaves the end where it is', async () => {
  const { bff, user, clock, provider, isSignedIn } = signingWorld(inHours(1))
  await user.signIn()
  provider.apiToken = async () => ({ ...provider.tokens(), refreshTokenExpiresIn: 86_400 })
  const session = await bff.getSession(user.view('GET', '/'))
  await session?.tokensFor({ resource: 'https://billing.internal' })
  await clock.advance(HOUR + 1)
  expect(await isSignedIn()).toBe(false)
})

test('The end of the refresh token still counts when it is before the session_expiry', async () => {
  const { user, clock, provider, isSignedIn } = signingWorld(inHours(2))
  provider.refreshTokenExpiresIn = 600
  await user.signIn()
  await clock.advance(600_001)
  expect(await isSignedIn()).toBe(false)
})

test('A sign-in that has ended already is refused, and its tokens are revoked', async () => {
  const { user, provider, bff } = signingWorld(inHours(-1))
  const reply = await user.signIn()
  expect(headerOf(reply, 'location')).toBe('/?error=login_failed')
  expect(user.cookies.size).toBe(0)
  await bff.close()
  expect(provider.revoked).toEqual(['refresh-1'])
})

test.each(['tomorrow', null, Number.NaN])('A session_expiry of %s is no limit', async (session_expiry) => {
  const { user, clock, isSignedIn } = signingWorld(() => ({ session_expiry }))
  await user.signIn()
  await clock.advance(HOUR)
  expect(await isSignedIn()).toBe(true)
})

const AGED = { session: { maxAuthenticationAgeMs: 2 * HOUR } }

test.each([
  ['an hour ago', -3600, HOUR],
  ['in the future', 3600, 2 * HOUR],
  ['at an unknown time', null, 2 * HOUR],
])('A user who authenticated %s is signed out when that is too long ago', async (_, ago, end) => {
  const claims = (now: number): Claims => (ago === null ? {} : { auth_time: now + ago })
  const { user, clock, isSignedIn } = signingWorld(claims, AGED)
  await user.signIn()
  await clock.advance(end)
  expect(await isSignedIn()).toBe(true)
  await clock.advance(1)
  expect(await isSignedIn()).toBe(false)
})

test('A refreshed ID token with a later auth_time moves the end', async () => {
  const { user, clock, signed, isSignedIn, refresh } = signingWorld((auth_time) => ({ auth_time }), AGED)
  await user.signIn()
  await clock.advance(HOUR)
  signed.atRefresh = { sub: 'alice', auth_time: clock.now() / 1000 }
  expect(await refresh()).toBe(200)
  await clock.advance(2 * HOUR)
  expect(await isSignedIn()).toBe(true)
})

test('The provider is asked for an authentication that is no older, and a stricter wish stays', async () => {
  const asked = async (max_age?: string) => {
    const login = max_age === undefined ? {} : { login: { parameters: { max_age } } }
    const { user, provider } = signingWorld(() => ({}), { ...AGED, ...login })
    await user.startSignIn()
    return provider.asked[0]?.['max_age']
  }
  expect([await asked(), await asked('60'), await asked('99999')]).toEqual(['7200', '60', '7200'])
})
