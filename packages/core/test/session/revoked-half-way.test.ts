import { expect, test } from 'vitest'
import { BffError, type BffEvent, type SessionHandle, type SessionStore } from '../../src/index.ts'
import { SHARED_PAUSE_MS } from '../../src/revocation/revocation-queue.ts'
import { type Browser, headerOf, jsonOf, world } from '../world.ts'

const down = () => new BffError('store_unavailable', undefined, { cause: new Error('ECONNREFUSED') })
const isSignedIn = async (browser: Browser) =>
  jsonOf(await browser.fetch('GET', '/bff/session')).authenticated
const ofType = <Type extends BffEvent['type']>(events: readonly BffEvent[], type: Type) =>
  events.filter((event) => event.type === type)

/** Two browsers of one user, at a store whose next `revokeAll` reaches only the newer one. */
async function halfDown() {
  const all = world()
  const { sessions } = all.store
  const older = all.browser()
  await older.signIn()
  await all.clock.advance(1)
  const newer = all.browser()
  await newer.signIn()
  await all.clock.advance(1)
  const { revokeAll } = sessions
  sessions.revokeAll = async (filter, revocation, onRevoked) => {
    sessions.revokeAll = revokeAll
    const [first] = (await sessions.list(filter)).records
    const revoked = first && (await sessions.revoke(first.handle, revocation))
    if (revoked) onRevoked?.(revoked.record)
    throw down()
  }
  return { ...all, older, newer }
}

test('a sign-out everywhere that fails half way names the remedy, reports what it revoked, and a repetition finishes it [LGO-21]', async () => {
  const { bff, older, newer, browser, clock, provider, events } = await halfDown()
  const late = browser()
  const state = await late.startSignIn()
  const by = { reasonCode: 'stolen', actorType: 'operator' }
  await expect(bff.sessions.revokeAll({ userId: 'alice' }, by)).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringMatching(/Try again: it revokes the rest/),
    cause: { cause: { message: 'ECONNREFUSED' } },
  })
  expect([await isSignedIn(older), await isSignedIn(newer)]).toEqual([true, false])
  expect(ofType(events, 'session.revoked')).toMatchObject([{ userId: 'alice', ...by }])
  expect(ofType(events, 'revocation.incomplete')).toMatchObject([
    { revoked: 1, userId: 'alice', ...by, cause: { code: 'store_unavailable' } },
  ])
  // Who begins after the failure is let in; the repetition ends that session as well.
  const meanwhile = browser()
  await meanwhile.signIn()
  expect(await isSignedIn(meanwhile)).toBe(true)

  expect(await bff.sessions.revokeAll({ userId: 'alice' }, by)).toHaveLength(2)
  expect([await isSignedIn(older), await isSignedIn(meanwhile)]).toEqual([false, false])
  expect(ofType(events, 'session.revoked')).toHaveLength(3)
  expect(ofType(events, 'revocation.incomplete')).toHaveLength(1)
  const arrived = await late.navigate(`/bff/callback?code=c&state=${state}`)
  expect(headerOf(arrived, 'location')).toBe('/?error=login_expired')
  await clock.advance(SHARED_PAUSE_MS)
  expect([...provider.revoked].sort()).toEqual(['refresh-1', 'refresh-2', 'refresh-3', 'refresh-4'])
})

test('the sign-in under way is refused although the sign-out everywhere failed half way [LGO-12]', async () => {
  const { bff, browser } = await halfDown()
  const late = browser()
  const state = await late.startSignIn()
  await expect(bff.sessions.revokeAll({ userId: 'alice' })).rejects.toThrow()
  const arrived = await late.navigate(`/bff/callback?code=c&state=${state}`)
  expect(headerOf(arrived, 'location')).toBe('/?error=login_expired')
  expect(await isSignedIn(late)).toBe(false)
})

test('sessions end although their tokens cannot be read; each that stays valid at the provider is reported [LGO-17]', async () => {
  const { bff, store, events, browser } = world()
  const user = browser()
  await user.signIn()
  const { list } = store.sessions
  store.sessions.list = () => Promise.reject(down())
  expect(await bff.sessions.revokeAll({ userId: 'alice' })).toHaveLength(1)
  store.sessions.list = list
  expect(await isSignedIn(user)).toBe(false)
  expect(ofType(events, 'revocation.dropped')).toMatchObject([{ reason: 'unread', userId: 'alice' }])
})

test('a session that ended although the answer was lost is reported, and its token revoked [LGO-17]', async () => {
  const { bff, store, clock, provider, browser, events } = world()
  for (const user of [browser(), browser()]) await user.signIn()
  const [earlier] = (await bff.sessions.list({ userId: 'alice' })).sessions
  await bff.sessions.revoke(earlier?.handle ?? ('' as SessionHandle))
  const { revokeAll } = store.sessions
  store.sessions.revokeAll = async (...args) => {
    await revokeAll.apply(store.sessions, [args[0], args[1]])
    throw down()
  }
  await expect(bff.sessions.revokeAll({ userId: 'alice' })).rejects.toThrow()
  store.sessions.revokeAll = revokeAll
  expect(ofType(events, 'session.revoked')).toHaveLength(2)
  expect(ofType(events, 'revocation.incomplete')).toMatchObject([{ revoked: 1 }])
  expect(await bff.sessions.revokeAll({ userId: 'alice' })).toEqual([])
  await clock.advance(SHARED_PAUSE_MS)
  expect([...provider.revoked].sort()).toEqual(['refresh-1', 'refresh-2'])
})

test('a filter without an owner is no incomplete revocation', async () => {
  const { bff, events } = world()
  await expect(bff.sessions.revokeAll({})).rejects.toMatchObject({ code: 'invalid_argument' })
  expect(ofType(events, 'revocation.incomplete')).toEqual([])
})

test('a store that does not name each session as it ends is reported with its answer', async () => {
  const { bff, store, events } = world()
  await bff.sessions.create({ userId: 'alice' })
  const sessions: SessionStore = store.sessions
  const { revokeAll } = sessions
  sessions.revokeAll = (filter, revocation) => revokeAll.call(sessions, filter, revocation)
  expect(await bff.sessions.revokeAll({ userId: 'alice' })).toHaveLength(1)
  expect(ofType(events, 'session.revoked')).toHaveLength(1)
})
