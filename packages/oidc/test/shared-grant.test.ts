import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { type BffConfig, type BffEvent, createBff, type LogoutOptions } from '@bff/core'
import { sessionEndpoints } from '@bff/core/endpoints'
import { memoryStore } from '@bff/store-memory'
import { manualClock } from '@bff/test-support/clock'
import { createBrowser, startProvider } from '@bff/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type OidcOptions, oidc } from '../src/index.ts'
import { ORIGIN, page } from './support/page.ts'

/** After this long, what may be revoked is. */
const PAUSE_MS = 5_000

/**
 * The real provider, which ends a grant with any of its tokens, as it does by default. Who signs in with one browser of
 * the provider's has one grant, however many browsers of ours it is for.
 */
async function start(config: Partial<BffConfig> = {}, options: Partial<OidcOptions> = {}) {
  const idp = await startProvider({ backchannelLogoutUri: null })
  onTestFinished(() => idp.close())
  const events: BffEvent[] = []
  // Of the BFF alone: the provider lives by the system's, from which this one is not far.
  const clock = manualClock(Date.now())
  const bff = createBff({
    origin: ORIGIN,
    store: memoryStore(),
    clock,
    encryptionKeys: [randomBytes(32).toString('base64')],
    provider: oidc({ issuer: idp.issuer, ...idp.clients.basic, ...options }),
    plugins: [sessionEndpoints()],
    onEvent: (event) => events.push(event),
    ...config,
  })
  onTestFinished(() => bff.close())
  return { idp, bff, events, clock, atProvider: createBrowser() }
}

/** Two browsers of ours that share a grant. */
async function twoDevices(logout?: LogoutOptions) {
  const all = await start(logout === undefined ? {} : { logout })
  const [phone, laptop] = [page(all.bff), page(all.bff)]
  await phone.signIn(all.atProvider)
  await laptop.signIn(all.atProvider)
  return { ...all, phone, laptop }
}

describe('where sign-ins share a grant, which a revocation ends (RFC 7009 2.1)', () => {
  it('signing in again in one browser leaves the new session’s refresh token good', async () => {
    const { bff, idp, atProvider } = await start()
    const browser = page(bff)
    await browser.signIn(atProvider)
    await browser.signIn(atProvider)
    expect(await bff.sessions.countActive({ userId: 'alice', issuer: idp.issuer })).toBe(1)
    await bff.close()
    expect(idp.stats.revocations).toBe(0)
  })

  it('and after it the session is refreshed, again and again', async () => {
    const { bff, clock, atProvider } = await start()
    const browser = page(bff)
    for (let time = 0; time < 3; time++) {
      await browser.signIn(atProvider)
      clock.jump(PAUSE_MS)
      expect([await browser.refresh(), await browser.refresh()]).toEqual([200, 200])
    }
  })

  it('signing out the others leaves the session that is kept good', async () => {
    const { phone, laptop, clock } = await twoDevices()
    expect((await laptop.call('DELETE', '/bff/sessions?except=current')).status).toBe(200)
    clock.jump(PAUSE_MS)
    expect((await phone.call('GET', '/bff/user')).status).toBe(401)
    expect([await laptop.refresh(), await laptop.refresh()]).toEqual([200, 200])
  })

  it('signing out on one device leaves the other good, and the last one takes the grant with it', async () => {
    const { phone, laptop, bff, idp, clock } = await twoDevices()
    expect((await phone.call('POST', '/bff/logout')).status).toBe(200)
    clock.jump(PAUSE_MS)
    expect([await laptop.refresh(), await laptop.refresh()]).toEqual([200, 200])
    expect(idp.stats.revocations).toBe(0)
    await laptop.call('POST', '/bff/logout')
    await bff.close()
    expect(idp.stats.revocations).toBe(1)
  })

  it('so does ending one session by its handle, an operator’s revocation, and a session that makes room', async () => {
    const { bff, clock, atProvider } = await start({ session: { maxPerUser: 3 } })
    const pages = Array.from({ length: 4 }, () => page(bff))
    for (const one of pages) {
      await one.signIn(atProvider)
      clock.jump(1)
    }
    const kept = pages[3]
    const { sessions } = await bff.sessions.list({ userId: 'alice' })
    const [, second, third] = sessions
    if (kept === undefined || second === undefined || third === undefined) throw new Error('Four signed in.')
    expect((await kept.call('DELETE', `/bff/sessions/${second.handle}`)).status).toBe(200)
    expect(await bff.sessions.revoke(third.handle)).toBe('revoked')
    clock.jump(PAUSE_MS)
    expect([await kept.refresh(), await kept.refresh()]).toEqual([200, 200])
  })

  it('somebody else’s sign-in in this browser takes the grant of the one before, who has no other session', async () => {
    const { bff, idp } = await start()
    const browser = page(bff)
    await browser.signIn(createBrowser(), 'alice')
    await browser.signIn(createBrowser(), 'bob')
    expect(await browser.refresh()).toBe(200)
    await bff.close()
    expect(idp.stats.revocations).toBe(1)
  })

  it('a sign-in that the provider let in before the last sign-out keeps its grant', async () => {
    const { bff, idp, clock, atProvider } = await start()
    const [phone, laptop] = [page(bff), page(bff)]
    await phone.signIn(atProvider)
    const comeBack = await laptop.authorize(atProvider)
    expect((await phone.call('POST', '/bff/logout')).status).toBe(200)
    // As long as a revocation that did not wait would take.
    for (let turns = 0; turns < 100; turns++) await setImmediate()
    expect(await comeBack()).toBe('/')
    clock.jump(PAUSE_MS)
    expect([await laptop.refresh(), await laptop.refresh()]).toEqual([200, 200])
    await bff.close()
    expect(idp.stats.revocations).toBe(0)
  })

  it('a last sign-out ends the grant without bff.close(), five seconds later', async () => {
    const { bff, idp, clock, atProvider } = await start()
    const browser = page(bff)
    await browser.signIn(atProvider)
    await browser.call('POST', '/bff/logout')
    clock.jump(PAUSE_MS - 1)
    expect([idp.stats.revocations, clock.sleepers]).toEqual([0, 1])
    clock.jump(1)
    while (idp.stats.revocations === 0) await setImmediate()
    expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(0)
  })

  it('ending all of a user revokes, as nobody is left', async () => {
    const { bff, idp } = await twoDevices()
    expect(await bff.sessions.revokeAll({ userId: 'alice' })).toHaveLength(2)
    await bff.close()
    expect(idp.stats.revocations).toBe(2)
  })

  it('revokeTokens: always is for providers with a grant for each sign-in: here it ends the other session', async () => {
    const { phone, laptop, idp } = await twoDevices({ revokeTokens: 'always' })
    await phone.call('POST', '/bff/logout')
    while (idp.stats.revocations === 0) await setImmediate()
    expect(await laptop.refresh()).toBe(401)
  })

  it('revokeTokens: never revokes nothing', async () => {
    const { bff, idp } = await twoDevices({ revokeTokens: 'never' })
    await bff.sessions.revokeAll({ userId: 'alice' })
    await bff.close()
    expect(idp.stats.revocations).toBe(0)
  })
})

it('a sign-in that a hook refuses has its refresh token revoked at the provider', async () => {
  const { bff, idp, events, atProvider } = await start({
    hooks: {
      onCreateSession: () => {
        throw new Error('Only employees may sign in.')
      },
    },
  })
  await page(bff).signIn(atProvider, 'alice', '/?error=sign_in_refused')
  expect(events).toContainEqual(expect.objectContaining({ type: 'login.failed', code: 'sign_in_refused' }))
  await bff.close()
  expect(idp.stats.revocations).toBe(1)
})
