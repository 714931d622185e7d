import { expect, test } from 'vitest'
import type { BffConfig, NewSession, SessionRecord } from '../../src/index.ts'
import { jsonOf, world } from '../world.ts'

const HOUR = 3_600_000

/** A browser with a session of these tokens, and what its page, its list of claims and an API say of it. */
async function signedIn(tokens: NonNullable<NewSession['tokens']>, config: Partial<BffConfig> = {}) {
  const all = world(config)
  const { session, cookie } = await all.bff.sessions.create({ userId: 'alice', tokens })
  const user = all.browser()
  const ask = async (target: string) => {
    user.keep(cookie)
    return user.fetch('GET', target)
  }
  const said = async () => {
    const page = await ask('/bff/session')
    const claims = await ask('/bff/user')
    const api = await ask('/api/orders')
    const errors = [claims, api].map((reply) => (reply.status === 200 ? 'ok' : jsonOf(reply).error))
    return [page.status === 200 ? jsonOf(page).authenticated : jsonOf(page).error, ...errors]
  }
  return { ...all, session, said, ask }
}

test('without a refresh token, page, claims and API agree before and after the end of the access token', async () => {
  const { clock, said, ask, events } = await signedIn({ accessToken: 'access', expiresIn: 3600 })
  const end = new Date(clock.now() + HOUR).toISOString()
  expect(jsonOf(await ask('/bff/session'))).toMatchObject({ expires_at: end, access_token_expires_at: end })
  await clock.advance(HOUR)
  expect(await said()).toEqual([true, 'ok', 'ok'])
  await clock.advance(1)
  expect(await said()).toEqual([false, 'session_expired', 'session_expired'])
  expect(events).toContainEqual(expect.objectContaining({ type: 'session.expired', limit: 'access_token' }))
})

test('a refresh token that no provider is there for keeps nothing alive', async () => {
  const tokens = {
    accessToken: 'access',
    expiresIn: 3600,
    refreshToken: 'refresh',
    refreshTokenExpiresIn: 86_400,
  }
  const { clock, said } = await signedIn(tokens, { provider: undefined } as never)
  expect(await said()).toEqual([true, 'ok', 'ok'])
  await clock.advance(HOUR + 1)
  expect(await said()).toEqual([false, 'session_expired', 'session_expired'])
})

test('an access token of unknown life and without a refresh token is used for as long as the session lives', async () => {
  const { clock, said } = await signedIn({ accessToken: 'access' })
  for (let hours = 0; hours < 24; hours += 6) {
    await clock.advance(6 * HOUR)
    expect(await said()).toEqual([true, 'ok', 'ok'])
  }
})

test('a session without tokens is a sign-in of its own, and lives by its own limits', async () => {
  const { bff, browser, clock } = world()
  const { cookie } = await bff.sessions.create({ userId: 'alice' })
  const user = browser()
  user.keep(cookie)
  await clock.advance(7 * HOUR)
  expect(jsonOf(await user.fetch('GET', '/bff/session')).authenticated).toBe(true)
})

const FIELDS = ['accessTokenEncrypted', 'claimsEncrypted'] as const satisfies ReadonlyArray<
  keyof SessionRecord
>

test.each(FIELDS)(
  'page and claims say the same when %s was tampered with, and the cookie stays',
  async (field) => {
    const { store, session, said, ask } = await signedIn({ accessToken: 'access', refreshToken: 'refresh' })
    const record = await store.sessions.get(session.handle)
    const sealed = Uint8Array.from(record?.[field] ?? [])
    sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1
    await store.sessions.update(session.handle, { [field]: sealed, updatedAt: 0 }, 1)
    const [page, claims] = await said()
    expect([page, claims]).toEqual([false, 'seal_broken'])
    expect((await ask('/bff/session')).headers.map(([name]) => name)).not.toContain('set-cookie')
  },
)

test('a session sealed with a key this process lacks is 503 for the page as for the API, and nobody is signed out', async () => {
  const { store, session, clock } = await signedIn({ accessToken: 'access', refreshToken: 'refresh' })
  const other = world({ store, clock })
  const { cookie } = await other.bff.sessions.create({ userId: 'bob', tokens: { accessToken: 'access' } })
  const user = world({ store, clock }).browser()
  user.keep(cookie)
  for (const target of ['/bff/session', '/bff/user', '/api/orders']) {
    const reply = await user.fetch('GET', target)
    expect([reply.status, jsonOf(reply).error]).toEqual([503, 'key_unavailable'])
  }
  expect((await store.sessions.get(session.handle))?.revocation).toBeNull()
})
