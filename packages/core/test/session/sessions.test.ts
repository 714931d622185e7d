import { expect, test } from 'vitest'
import { BffError, type Session } from '../../src/index.ts'
import { SHARED_PAUSE_MS } from '../../src/revocation/revocation-queue.ts'
import { jsonOf, world } from '../world.ts'

async function threeDevices() {
  const all = world()
  const browsers = [all.browser(), all.browser(), all.browser()] as const
  for (const browser of browsers) {
    await browser.signIn()
    await all.clock.advance(1)
  }
  all.provider.subject = 'bob'
  const bob = all.browser()
  await bob.signIn()
  const isSignedIn = async (browser: (typeof browsers)[number]) =>
    jsonOf(await browser.fetch('GET', '/bff/session')).authenticated
  const sessionOf = async (browser: (typeof browsers)[number]) =>
    (await all.bff.getSession(browser.view('GET', '/'))) as Session
  return { ...all, browsers, bob, isSignedIn, sessionOf }
}

test('a list is newest first and shows nothing secret [S3-16, CKS-18]', async () => {
  const { bff, browsers, sessionOf } = await threeDevices()
  const { sessions, next } = await bff.sessions.list({ userId: 'alice' })
  const newestFirst = await Promise.all(
    [...browsers].reverse().map(async (one) => (await sessionOf(one)).handle),
  )
  expect([sessions.map(({ handle }) => handle), next]).toEqual([newestFirst, null])
  expect(
    Object.keys(sessions[0] ?? {}).filter((key) => /secret|encrypted|tokens|identity/i.test(key)),
  ).toEqual([])
})

test('signing out everywhere else leaves this session and other users alone [S3-22]', async () => {
  const { bff, browsers, bob, isSignedIn, sessionOf, provider, events, clock } = await threeDevices()
  const [phone, laptop, tablet] = browsers
  const ended = await bff.sessions.revokeOthers(await sessionOf(laptop), { actorType: 'user' })
  expect(ended.map(({ revocation }) => revocation?.reasonCode)).toEqual([
    'operator_revoked',
    'operator_revoked',
  ])
  expect(await Promise.all([phone, laptop, tablet, bob].map(isSignedIn))).toEqual([false, true, false, true])
  await clock.advance(SHARED_PAUSE_MS)
  expect(provider.revoked).toEqual([])
  expect(events.filter(({ type }) => type === 'session.revoked')).toHaveLength(2)
  expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(1)
})

test('a user without an issuer is nobody who has the same subject at one [BFF-23]', async () => {
  const { bff, browsers, isSignedIn } = await threeDevices()
  const [first, second] = [
    await bff.sessions.create({ userId: 'alice' }),
    await bff.sessions.create({ userId: 'alice' }),
  ]
  const ended = await bff.sessions.revokeOthers(second.session)
  expect(ended.map(({ handle }) => handle)).toEqual([first.session.handle])
  expect(await Promise.all(browsers.map(isSignedIn))).toEqual([true, true, true])
  expect(await bff.sessions.countActive({ userId: 'alice', issuer: null })).toBe(1)
  expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(4)
})

test('ending all of a user revokes their refresh tokens, and answers an empty list when there is nothing [S2-19]', async () => {
  const { bff, bob, isSignedIn, provider, clock } = await threeDevices()
  expect(await bff.sessions.revokeAll({ userId: 'alice' })).toHaveLength(3)
  await clock.advance(SHARED_PAUSE_MS)
  expect(provider.revoked).toHaveLength(3)
  expect(await bff.sessions.revokeAll({ userId: 'alice' })).toEqual([])
  expect([provider.revoked.length, await isSignedIn(bob)]).toEqual([3, true])
})

test('the first revocation stands; an unknown handle is null [S3-20]', async () => {
  const { bff, browsers, sessionOf, store } = await threeDevices()
  const { handle } = await sessionOf(browsers[0])
  expect(await bff.sessions.revoke(handle, { reasonCode: 'stolen', actorId: 'op-7' })).toBe('revoked')
  expect(await bff.sessions.revoke(handle, { reasonCode: 'again' })).toBe('already_revoked')
  expect((await store.sessions.get(handle))?.revocation).toMatchObject({
    reasonCode: 'stolen',
    actorId: 'op-7',
  })
  await store.sessions.delete(handle)
  expect(await bff.sessions.revoke(handle)).toBeNull()
})

test('a filter without an owner is refused and ends nothing [S2-13]', async () => {
  const { bff, browsers, isSignedIn } = await threeDevices()
  await expect(bff.sessions.revokeAll({ deviceId: 'x' })).rejects.toMatchObject({ code: 'invalid_argument' })
  expect(await isSignedIn(browsers[0])).toBe(true)
})

test('sessions end here even when the provider fails for every one of them [LGO-17]', async () => {
  const { bff, provider, events, clock } = await threeDevices()
  provider.revoke = async () => {
    throw new BffError('provider_unavailable')
  }
  expect(await bff.sessions.revokeAll({ userId: 'alice' })).toHaveLength(3)
  await clock.advance(SHARED_PAUSE_MS)
  expect(events).toContainEqual(expect.objectContaining({ type: 'provider.failed', operation: 'revoke' }))
})

test('beyond the limit the oldest session makes room [S1-53]', async () => {
  const { bff, browser } = world({ session: { maxPerUser: 2 } })
  const browsers = [browser(), browser(), browser()]
  for (const one of browsers) await one.signIn()
  expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(2)
})
