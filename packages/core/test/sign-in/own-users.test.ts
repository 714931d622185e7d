import { expect, test } from 'vitest'
import { backchannelLogout } from '../../src/endpoints/index.ts'
import type { BffConfig, LogoutTokenClaims, NewSession, SessionHandle } from '../../src/index.ts'
import { headerOf, jsonOf, request, ScriptedProvider, world } from '../world.ts'

const ISSUER = 'https://idp.example.com'
const OWN_ID = '6f1c3c52-0b3e-4c7f-9d55-0d1f1c0f6a11'

/** Its refreshed ID token names the subject, as a real provider's does. */
class SigningProvider extends ScriptedProvider {
  readonly subjects: (string | null)[] = []
  override async refresh(asked?: { readonly subject: string }) {
    this.subjects.push(asked?.subject ?? null)
    return { ...(await super.refresh()), claims: { iss: ISSUER, sub: this.subject } }
  }
  override async endSessionUrl(asked: { readonly state: string | null; readonly subject?: string | null }) {
    this.subjects.push(asked.subject ?? null)
    return super.endSessionUrl(asked)
  }
}

/** An app whose users have ids of their own. */
function ownUsers(choice: Partial<NewSession> = { userId: OWN_ID }, config: Partial<BffConfig> = {}) {
  const provider = new SigningProvider()
  const hooks = { onCreateSession: () => choice }
  const all = world({ plugins: [backchannelLogout()], ...config, provider, hooks })
  let tokens = 0
  provider.onLogoutToken = (jwt) => JSON.parse(jwt)
  const logOut = async (names: Partial<LogoutTokenClaims>) => {
    const issuedAt = Math.floor(all.clock.now() / 1000)
    const about = { issuer: ISSUER, subject: null, providerSessionId: null, jti: `jti-${++tokens}` }
    const token = JSON.stringify({ ...about, issuedAt, expiresAt: issuedAt + 120, ...names })
    const body = new URLSearchParams({ logout_token: token }).toString()
    const view = request('POST', '/bff/backchannel-logout', {
      'content-type': 'application/x-www-form-urlencoded',
    })
    async function* bytes() {
      yield new TextEncoder().encode(body)
    }
    return (await all.bff.handle({ ...view, body: bytes }))?.status
  }
  const signedIn = async () => {
    const user = all.browser()
    await user.signIn()
    return user
  }
  const whoIs = async (user: Awaited<ReturnType<typeof signedIn>>) =>
    jsonOf(await user.fetch('GET', '/bff/session')).user_id ?? null
  return { ...all, provider, logOut, signedIn, whoIs }
}

test('a session of a user with an id of the app lives through ten refreshes', async () => {
  const { provider, signedIn, whoIs } = ownUsers()
  const user = await signedIn()
  for (let round = 0; round < 10; round++) expect((await user.fetch('POST', '/bff/refresh')).status).toBe(200)
  expect(await whoIs(user)).toBe(OWN_ID)
  expect(provider.subjects).toEqual(Array(10).fill('alice'))
})

test('a refresh that answers for another subject still ends the session', async () => {
  const { provider, events, signedIn, whoIs } = ownUsers()
  const user = await signedIn()
  provider.subject = OWN_ID
  expect((await user.fetch('POST', '/bff/refresh')).status).toBe(401)
  expect(await whoIs(user)).toBeNull()
  expect(events.map(({ type }) => type)).toContain('refresh.subject_mismatch')
})

test.each([
  ['sub', { subject: 'alice' }],
  ['sid', { providerSessionId: 'sid-1' }],
  ['sid and sub', { subject: 'alice', providerSessionId: 'sid-1' }],
])('a logout token with %s ends the session of a user with an id of the app [LGO-10]', async (_, names) => {
  const { logOut, signedIn, whoIs } = ownUsers()
  const user = await signedIn()
  expect(await logOut({ subject: 'mallory' })).toBe(200)
  expect(await whoIs(user)).toBe(OWN_ID)
  expect(await logOut(names)).toBe(200)
  expect(await whoIs(user)).toBeNull()
})

test('a logout token for a user id of the app, which is no subject, ends nothing', async () => {
  const { logOut, signedIn, whoIs } = ownUsers()
  const user = await signedIn()
  expect(await logOut({ subject: OWN_ID })).toBe(200)
  expect(await logOut({ subject: OWN_ID, providerSessionId: 'sid-1' })).toBe(400)
  expect(await whoIs(user)).toBe(OWN_ID)
})

test('a logout token refuses a sign-in under way of a user with an id of the app [LGO-12]', async () => {
  const { logOut, browser } = ownUsers()
  const user = browser()
  const state = await user.startSignIn()
  expect(await logOut({ subject: 'alice' })).toBe(200)
  const reply = await user.navigate(`/bff/callback?code=c&state=${state}`)
  expect(headerOf(reply, 'location')).toBe('/?error=login_expired')
})

test('the provider gets its own name of the user as a hint at sign-out', async () => {
  const { provider, signedIn } = ownUsers()
  const user = await signedIn()
  await user.fetch('POST', '/bff/logout')
  expect(provider.subjects).toEqual(['alice'])
})

test('a grant that another session of the subject may share is kept, whatever the user is called in the app', async () => {
  let number = 0
  const choice = {
    get userId() {
      return `row-${++number}`
    },
  }
  const { bff, provider, clock, signedIn } = ownUsers(choice)
  const [first, second] = [await signedIn(), await signedIn()]
  await first.fetch('POST', '/bff/logout')
  await clock.advance(10_000)
  expect(provider.revoked).toEqual([])
  await second.fetch('POST', '/bff/logout')
  await clock.advance(10_000)
  expect(provider.revoked).toEqual(['refresh-2'])
  await bff.close()
})

test('an operator finds and revokes sessions by the user id of the app, and by subject', async () => {
  const { bff, signedIn, whoIs } = ownUsers()
  const user = await signedIn()
  expect(await bff.sessions.countActive({ userId: OWN_ID })).toBe(1)
  expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(0)
  expect((await bff.sessions.list({ issuer: ISSUER, subject: 'alice' })).sessions).toMatchObject([
    { userId: OWN_ID, subject: 'alice', issuer: ISSUER },
  ])
  expect(await bff.sessions.revokeAll({ userId: OWN_ID })).toHaveLength(1)
  expect(await whoIs(user)).toBeNull()
})

test.each([
  ['issuer', { issuer: 'https://users.example.com' }],
  ['subject', { subject: OWN_ID }],
])(
  'onCreateSession cannot move a session to another %s: the sign-in is refused, and says why',
  async (fact, choice) => {
    const { bff, provider, events, clock, signedIn, whoIs } = ownUsers(choice as Partial<NewSession>)
    expect(await whoIs(await signedIn())).toBeNull()
    const failed = events.find((event) => event.type === 'login.failed')
    expect(failed).toMatchObject({ code: 'sign_in_refused' })
    expect(String(failed?.type === 'login.failed' && failed.cause)).toContain(`another ${fact}`)
    await clock.advance(10_000)
    expect(provider.revoked).toEqual(['refresh-1'])
    await bff.close()
  },
)

test('who can write the store cannot give a session to another subject', async () => {
  const { store, signedIn, whoIs } = ownUsers()
  const user = await signedIn()
  const id = [...user.cookies.values()].find((value) => value.length === 43) ?? ''
  const record = await store.sessions.get(id.slice(0, 16) as SessionHandle)
  if (record === null) throw new Error('Nobody signed in.')
  for (const moved of [{ subject: 'bob' }, { subject: null }, { provider: 'company' }, { userId: 'alice' }]) {
    await store.sessions.delete(record.handle)
    await store.sessions.create({ ...record, ...moved })
    expect(await whoIs(user)).toBeNull()
  }
  await store.sessions.delete(record.handle)
  await store.sessions.create(record)
  expect(await whoIs(user)).toBe(OWN_ID)
})
