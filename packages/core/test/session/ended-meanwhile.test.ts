import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { sessionEndpoints } from '../../src/endpoints/index.ts'
import {
  type AnyOwnerFilter,
  BffError,
  type NewSession,
  type Session,
  type SessionFilter,
} from '../../src/index.ts'
import { SHARED_PAUSE_MS } from '../../src/revocation/revocation-queue.ts'
import { type Browser, headerOf, jsonOf, world } from '../world.ts'

const ISSUER = 'https://idp.example.com'
const MINUTE = 60_000

/** Alice is signed in on her laptop, and a sign-in of hers is under way elsewhere. */
async function underWay(added: Partial<NewSession> = {}) {
  const all = world({ plugins: [sessionEndpoints()], hooks: { onCreateSession: () => added } })
  const laptop = all.browser()
  await laptop.signIn()
  await all.clock.advance(1)
  const phone = all.browser()
  const state = await phone.startSignIn()
  await all.clock.advance(1)
  const arrive = async () => headerOf(await phone.navigate(`/bff/callback?code=c&state=${state}`), 'location')
  return { ...all, laptop, phone, arrive }
}

const isSignedIn = async (browser: Browser) =>
  jsonOf(await browser.fetch('GET', '/bff/session')).authenticated

test.each<[string, SessionFilter, Partial<NewSession>]>([
  ['a user', { userId: 'alice' }, {}],
  ['a user at an issuer', { userId: 'alice', issuer: ISSUER }, {}],
  ['an organization', { organizationId: 'org-1' }, { organizationId: 'org-1' }],
  ['a user’s device', { userId: 'alice', deviceId: 'd-1' }, { deviceId: 'd-1' }],
  ['a session of the provider', { issuer: ISSUER, providerSessionId: 'sid-1' }, {}],
  [
    'all that can be named',
    { userId: 'alice', issuer: ISSUER, organizationId: 'o', deviceId: 'd', providerSessionId: 'sid-1' },
    { organizationId: 'o', deviceId: 'd' },
  ],
])('ending all sessions of %s refuses the sign-in under way [LGO-12]', async (_name, filter, added) => {
  const { bff, laptop, phone, arrive, provider, clock } = await underWay(added)
  const by = { reasonCode: 'stolen', actorType: 'operator', actorId: 'op-7' }
  expect(await bff.sessions.revokeAll(filter, by)).toHaveLength(1)
  expect(await arrive()).toBe('/?error=login_expired')
  expect([await isSignedIn(laptop), await isSignedIn(phone)]).toEqual([false, false])
  const { sessions } = await bff.sessions.list({ userId: 'alice' })
  expect(sessions.map(({ revocation }) => revocation)).toEqual([
    expect.objectContaining(by),
    expect.objectContaining(by),
  ])
  await clock.advance(SHARED_PAUSE_MS)
  expect([...provider.revoked].sort()).toEqual(['refresh-1', 'refresh-2'])
})

test.each<[string, SessionFilter, Partial<NewSession>]>([
  ['another user', { userId: 'bob' }, {}],
  ['the user at another issuer', { userId: 'alice', issuer: 'https://other.example.com' }, {}],
  ['the user without an issuer', { userId: 'alice', issuer: null }, {}],
  ['another device of the user', { userId: 'alice', deviceId: 'd-2' }, { deviceId: 'd-1' }],
  ['another organization', { organizationId: 'org-2' }, { organizationId: 'org-1' }],
  ['another session of the provider', { issuer: ISSUER, providerSessionId: 'sid-2' }, {}],
])('ending all sessions of %s leaves the sign-in under way alone [LGO-12]', async (_name, filter, added) => {
  const { bff, phone, arrive } = await underWay(added)
  await bff.sessions.revokeAll(filter)
  expect(await arrive()).toBe('/orders')
  expect(await isSignedIn(phone)).toBe(true)
})

test('signing out the others keeps the session that asked, and refuses the sign-in under way [LGO-12]', async () => {
  const { bff, laptop, phone, arrive } = await underWay()
  const reply = await laptop.fetch('DELETE', '/bff/sessions?except=current')
  expect([reply.status, jsonOf(reply)]).toEqual([200, { revoked: 0 }])
  expect(await arrive()).toBe('/?error=login_expired')
  expect([await isSignedIn(laptop), await isSignedIn(phone)]).toEqual([true, false])

  const session = (await bff.getSession(laptop.view('GET', '/'))) as Session
  const state = await phone.startSignIn()
  await bff.sessions.revokeOthers(session)
  await phone.navigate(`/bff/callback?code=c&state=${state}`)
  expect([await isSignedIn(laptop), await isSignedIn(phone)]).toEqual([true, false])
})

test('whoever begins to sign in after the sign-out is let in at once [LGO-12]', async () => {
  const { bff, laptop } = await underWay()
  for (let time = 0; time < 3; time++) {
    await bff.sessions.revokeAll({ userId: 'alice' })
    await laptop.signIn()
    expect(await isSignedIn(laptop)).toBe(true)
  }
})

test('in whatever order the sign-out and the sign-in reach the store, nobody is signed in afterwards [LGO-12]', async () => {
  for (let pause = 0; pause < 60; pause++) {
    const { bff, phone, arrive, provider } = await underWay()
    let done: Promise<unknown> = Promise.resolve()
    provider.onExchange = () => {
      const later = async () => {
        for (let turn = 0; turn < pause; turn++) await Promise.resolve()
        return bff.sessions.revokeAll({ userId: 'alice' })
      }
      done = later()
    }
    await arrive()
    await done
    expect(await isSignedIn(phone)).toBe(false)
    expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(0)
  }
})

test.each([-2 * MINUTE, 2 * MINUTE])(
  'clocks that are %i ms apart refuse what began before the sign-out, and nothing that began after it [LGO-12]',
  async (skewMs) => {
    const encryptionKeys = [randomBytes(32).toString('base64')]
    const here = world({ encryptionKeys })
    const { clock } = here
    const skewed = { ...clock, now: () => clock.now() + skewMs }
    const there = world({ encryptionKeys, store: here.store, clock: skewed })

    const before = here.browser()
    const state = await before.startSignIn()
    await clock.advance(1)
    await there.bff.sessions.revokeAll({ userId: 'alice' })
    await clock.advance(1)
    const after = here.browser()
    await after.signIn()
    expect(await isSignedIn(after)).toBe(true)
    const reply = await before.navigate(`/bff/callback?code=c&state=${state}`)
    expect(headerOf(reply, 'location')).toBe('/?error=login_expired')
    expect(await isSignedIn(before)).toBe(false)
  },
)

test('a sign-out everywhere that cannot reach the sign-ins under way ends what it can, and is not reported [LGO-21]', async () => {
  const { bff, store, laptop, arrive } = await underWay()
  const { set } = store.ttl
  store.ttl.set = async () => {
    throw new BffError('store_unavailable')
  }
  await expect(bff.sessions.revokeAll({ userId: 'alice' })).rejects.toMatchObject({
    code: 'store_unavailable',
  })
  expect(await isSignedIn(laptop)).toBe(false)
  store.ttl.set = set
  expect(await bff.sessions.revokeAll({ userId: 'alice' })).toEqual([])
  expect(await arrive()).toBe('/?error=login_expired')
})

test.each<[string, AnyOwnerFilter, boolean]>([
  ['anyone', { owner: 'any' }, true],
  ['anyone at the issuer', { owner: 'any', issuer: ISSUER }, true],
  ['anyone in a session of the provider', { owner: 'any', providerSessionId: 'sid-1' }, true],
  ['a user of any owner', { owner: 'any', userId: 'alice' }, true],
  ['anyone at another issuer', { owner: 'any', issuer: 'https://other.example.com' }, false],
  ['anyone without an issuer', { owner: 'any', issuer: null }, false],
])(
  'Ending the sessions of %s refuses the matching sign-ins under way only [LGO-12]',
  async (_name, filter, ends) => {
    const { bff, laptop, phone, arrive } = await underWay()
    const { sessions, next } = await bff.sessions.revokePage(filter, { reasonCode: 'incident' })
    expect([sessions.length, next]).toEqual([ends ? 1 : 0, null])
    expect(await arrive()).toBe(ends ? '/?error=login_expired' : '/orders')
    expect([await isSignedIn(laptop), await isSignedIn(phone)]).toEqual([!ends, !ends])
  },
)

test('A sign-in that begins while the pages of all sessions are ended is not refused [LGO-12]', async () => {
  const { bff, laptop, browser } = await underWay()
  const later = browser()
  await bff.sessions.revokePage({ owner: 'any' }, {}, { limit: 1 })
  const state = await later.startSignIn()
  const page = await bff.sessions.revokePage({ owner: 'any' }, {}, { limit: 1, cursor: '-'.repeat(16) })
  expect(page.next).toBeNull()
  const arrived = await later.navigate(`/bff/callback?code=c&state=${state}`)
  expect(headerOf(arrived, 'location')).toBe('/orders')
  expect([await isSignedIn(laptop), await isSignedIn(later)]).toEqual([false, true])
})
