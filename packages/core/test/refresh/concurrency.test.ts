import { manualClock } from '@bff/test-support/clock'
import { expect, test } from 'vitest'
import type { Encryptor } from '../../src/contracts/encryptor.ts'
import { BffError } from '../../src/internal/bff-error.ts'
import { harness, LIFE_MS, OPTIONS, outage, withMethods } from './harness.ts'

function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
const leaseKey = (session: { handle: string }) => `refresh:${session.handle}`

test('200 concurrent requests on an expired token are one provider call [RFT-02, S1-45, flaw 20]', async () => {
  const { clock, provider, process, signIn, typesOfEvents } = harness()
  const session = await signIn()
  await clock.advance(LIFE_MS + 1)
  const refresher = process()
  const results = await clock.run(
    Promise.all(Array.from({ length: 200 }, () => refresher.ensureFresh(session))),
  )
  expect(provider.calls).toHaveLength(1)
  expect(new Set(results.map((result) => result?.version))).toEqual(new Set([2]))
  expect(typesOfEvents()).toEqual(['session.refreshed'])
  // A request that read the session before the refresh and asks after it needs no second one.
  expect(await clock.run(refresher.ensureFresh(session))).toMatchObject({ version: 2 })
  expect(provider.calls).toHaveLength(1)
})

test('two processes on one store make one provider call and both get the new token [RFT-02, RFT-04]', async () => {
  const { clock, stores, provider, process, signIn, tokensOf } = harness({ latencyMs: () => 2_000 })
  const session = await signIn()
  const results = await clock.run(
    Promise.all([process().refresh(session), process().refresh(session), process().refresh(session)]),
  )
  expect(provider.calls).toHaveLength(1)
  for (const result of results) expect(await tokensOf(result)).toMatchObject({ accessToken: 'at-2' })
  expect(await stores.ttl.get(leaseKey(session))).toBe(null)
  expect(clock.sleepers).toBe(0)
})

test('the app is told once of every refresh, with the session as stored [S1-24]', async () => {
  const { clock, process, signIn, stored } = harness()
  const session = await signIn()
  const told: unknown[] = []
  const onRefreshed = async (record: unknown) => {
    told.push(record)
  }
  const refreshers = [process({ onRefreshed }), process({ onRefreshed })]
  await clock.run(Promise.all(refreshers.flatMap(({ refresh }) => [refresh(session), refresh(session)])))
  expect(told).toEqual([await stored(session)])
})

test('sessions of one user are refreshed each on its own [RFT-03]', async () => {
  const { clock, provider, process, signIn, tokensOf } = harness()
  const one = await signIn()
  const two = await signIn({ tokens: { refreshToken: 'rt-of-two' } })
  const refresher = process()
  const results = await clock.run(Promise.all([refresher.refresh(one), refresher.refresh(two)]))
  expect(provider.calls.map((call) => call.refreshToken).sort()).toEqual(['rt-1', 'rt-of-two'])
  const tokens = await Promise.all(results.map(tokensOf))
  expect(new Set(tokens.map((token) => token?.accessToken)).size).toBe(2)
})

test('refresh() brings newer tokens than the caller has, also when it joins an older refresh [S1-22]', async () => {
  const { clock, stores, provider, process, signIn } = harness()
  const session = await signIn()
  const released = gate()
  const refresher = process({
    ttl: withMethods(stores.ttl, {
      compareAndDelete: async (key, value) => {
        await released.opened
        return stores.ttl.compareAndDelete(key, value)
      },
    }),
  })
  const first = refresher.refresh(session)
  await clock.advance(100)
  const newer = await stores.sessions.get(session.handle)
  const second = newer && refresher.refresh(newer)
  released.open()
  expect(await clock.run(first)).toMatchObject({ version: 2 })
  expect(second && (await clock.run(second))).toMatchObject({ version: 3 })
  expect(provider.calls.map((call) => call.refreshToken)).toEqual(['rt-1', 'rt-2'])
})

test.each([0, 1])(
  'the lease is renewed while provider and store are slow, though %i renewals fail [RFT-05]',
  async (failing) => {
    const { clock, stores, provider, process, signIn, tokensOf } = harness({ latencyMs: () => 14_000 })
    const session = await signIn()
    const storeIsBackAt = clock.now() + 40_000
    const sessions = withMethods(stores.sessions, {
      update: (...args) => (clock.now() < storeIsBackAt ? outage() : stores.sessions.update(...args)),
    })
    let failures = failing
    const ttl = withMethods(stores.ttl, {
      extend: (...args) => (failures-- > 0 ? outage() : stores.ttl.extend(...args)),
    })
    const first = process({ sessions, ttl }).refresh(session)
    await clock.advance(OPTIONS.leaseMs + 1_000)
    const second = process().refresh(session)
    expect(await tokensOf(await clock.run(first))).toMatchObject({ accessToken: 'at-2' })
    expect(await tokensOf(await clock.run(second))).toMatchObject({ accessToken: 'at-2' })
    expect(provider.calls).toHaveLength(1)
  },
)

test('a lease whose holder died is free once it ends [RFT-05]', async () => {
  const { clock, stores, process, signIn } = harness()
  const session = await signIn()
  await stores.ttl.set(leaseKey(session), 'a dead process', 3_000)
  const began = clock.now()
  expect(await clock.run(process().refresh(session))).toMatchObject({ version: 2 })
  expect(clock.now() - began).toBeGreaterThanOrEqual(3_000)
  expect(clock.now() - began).toBeLessThan(3_500)
})

test('a waiter takes the newer tokens as soon as they are stored, whoever still holds the lease [RFT-04]', async () => {
  const { clock, stores, provider, process, signIn, tokensOf } = harness()
  const session = await signIn()
  await clock.run(process().refresh(session))
  await stores.ttl.set(leaseKey(session), 'a dead process', LIFE_MS)
  const began = clock.now()
  expect(await tokensOf(await clock.run(process().refresh(session)))).toMatchObject({ accessToken: 'at-2' })
  expect(clock.now() - began).toBeLessThan(100)
  expect(provider.calls).toHaveLength(1)
})

test('a lease that cannot be given back ends by itself and costs nobody the result [RFT-05]', async () => {
  const { clock, stores, process, signIn } = harness()
  const session = await signIn()
  const ttl = withMethods(stores.ttl, { compareAndDelete: outage })
  expect(await clock.run(process({ ttl }).refresh(session))).toMatchObject({ version: 2 })
  await clock.advance(OPTIONS.leaseMs)
  expect(await stores.ttl.get(leaseKey(session))).toBe(null)
})

test('a holder paused past its lease cannot overwrite what came after, nor end it [RFT-05]', async () => {
  const { clock, stores, provider, process, signIn, tokensOf, stored, events } = harness()
  const session = await signIn()
  const paused = manualClock(clock.now())
  const answered = gate()
  provider.script.push(async (_, fresh) => {
    await answered.opened
    return fresh
  })
  const sleeper = process({ clock: paused }).refresh(session)
  await clock.advance(OPTIONS.leaseMs + 1)
  expect(await stores.ttl.get(leaseKey(session))).toBe(null)

  const winner = await clock.run(process().refresh(session))
  answered.open()
  const late = await clock.run(sleeper)
  expect(await tokensOf(late)).toMatchObject({ accessToken: 'at-3', refreshToken: 'rt-3' })
  expect(await stored(session)).toEqual(winner)
  expect(events).toContainEqual({
    type: 'refresh.discarded',
    handle: session.handle,
    userId: 'alice',
    reason: 'superseded',
  })
  expect(provider.revoked).toEqual([])
})

test('logout during a refresh wins: nothing comes back, the new refresh token is revoked [RFT-13]', async () => {
  const { clock, provider, process, signIn, logOut, stored, typesOfEvents } = harness()
  const session = await signIn()
  const refreshing = process().refresh(session)
  await clock.advance(30)
  await logOut(session)
  expect(await clock.run(refreshing)).toBe(null)
  expect(await stored(session)).toMatchObject({
    accessTokenEncrypted: null,
    refreshTokenEncrypted: null,
    revocation: { reasonCode: 'logout' },
  })
  const revoked = [{ token: 'rt-2', hint: 'refresh_token', dpopKeyPair: null }]
  await expect.poll(() => provider.revoked).toMatchObject(revoked)
  expect(typesOfEvents()).toEqual(['refresh.discarded'])
})

test('a deleted session is as gone as a revoked one, and a failing revocation harms nobody [RFT-13]', async () => {
  const { clock, stores, provider, process, signIn, stored } = harness()
  const session = await signIn()
  provider.revoke = () => Promise.reject(new BffError('provider_unavailable'))
  const refreshing = process().refresh(session)
  await clock.advance(30)
  await stores.sessions.delete(session.handle)
  expect(await clock.run(refreshing)).toBe(null)
  expect(await stored(session)).toBe(null)
})

test('a session that ended is not refreshed [RFT-13]', async () => {
  const { clock, provider, process, signIn, logOut } = harness()
  const session = await signIn()
  await logOut(session)
  expect(await clock.run(process().refresh(session))).toBe(null)
  expect(provider.calls).toEqual([])
})

test('a refresh token that logout revoked first is no news [RFT-07]', async () => {
  const { clock, provider, process, signIn, logOut, stored, typesOfEvents } = harness()
  const session = await signIn()
  provider.script.push(async () => {
    await logOut(session)
    throw new BffError('refresh_rejected')
  })
  expect(await clock.run(process().refresh(session))).toBe(null)
  expect((await stored(session))?.revocation?.reasonCode).toBe('logout')
  expect(typesOfEvents()).toEqual([])
})

test('a rotation and a touch during a refresh are kept, and so are the new tokens [STO-03]', async () => {
  const { clock, stores, process, signIn, stored, tokensOf } = harness()
  const session = await signIn()
  const refreshing = process().refresh(session)
  await clock.advance(30)
  const now = clock.now()
  await stores.sessions.update(session.handle, { secretHash: 'rotated', updatedAt: now }, session.version)
  await stores.sessions.touch(session.handle, now, session.expiresAt + 30)
  expect(await tokensOf(await clock.run(refreshing))).toMatchObject({ refreshToken: 'rt-2' })
  expect(await stored(session)).toMatchObject({
    version: 3,
    secretHash: 'rotated',
    lastAccessedAt: now,
    expiresAt: session.expiresAt + 30,
  })
})

test('a store that fails after the provider answered gets the tokens once it is back [RFT-11]', async () => {
  const { clock, stores, provider, process, signIn, tokensOf, stored } = harness()
  const session = await signIn()
  let failures = 5
  const sessions = withMethods(stores.sessions, {
    update: (...args) => (failures-- > 0 ? outage() : stores.sessions.update(...args)),
  })
  const refreshed = await clock.run(process({ sessions }).refresh(session))
  expect(await tokensOf(refreshed)).toMatchObject({ accessToken: 'at-2', refreshToken: 'rt-2' })
  expect(await stored(session)).toEqual(refreshed)
  expect(provider.calls).toHaveLength(1)
  expect(provider.revoked).toEqual([])
})

test('sealing that fails after the provider answered is tried again too [RFT-11]', async () => {
  const { clock, encryptor, process, signIn, tokensOf } = harness()
  const session = await signIn()
  let failures = 1
  const flaky: Encryptor = {
    ...encryptor,
    encrypt: (...args) => (failures-- > 0 ? outage() : encryptor.encrypt(...args)),
  }
  const refreshed = await clock.run(process({ encryptor: flaky }).refresh(session))
  expect(await tokensOf(refreshed)).toMatchObject({ refreshToken: 'rt-2' })
})

test('a write that arrived although its answer was lost is found [RFT-11]', async () => {
  const { clock, stores, process, signIn, tokensOf } = harness()
  const session = await signIn()
  let lost = 1
  const sessions = withMethods(stores.sessions, {
    update: async (...args) => {
      const written = await stores.sessions.update(...args)
      return lost-- > 0 ? outage() : written
    },
  })
  const refreshed = await clock.run(process({ sessions }).refresh(session))
  expect(await tokensOf(refreshed)).toMatchObject({ refreshToken: 'rt-2' })
})

test('the lease is kept while the store is down; then the result is given up and its token revoked [RFT-11]', async () => {
  const { clock, stores, provider, process, signIn, events, typesOfEvents } = harness()
  const session = await signIn()
  const refreshing = process({ sessions: withMethods(stores.sessions, { update: outage }) }).refresh(session)
  const failed = expect(refreshing).rejects.toMatchObject({ code: 'store_unavailable', retryAfter: 1 })
  await clock.advance(OPTIONS.leaseMs - 1_000)
  expect(await stores.ttl.setIfAbsent(leaseKey(session), 'somebody else', 1)).toBe(false)
  expect(provider.revoked).toEqual([])
  await clock.advance(2_000)
  await failed
  expect(events[0]).toMatchObject({ type: 'refresh.discarded', reason: 'store_failed' })
  expect(typesOfEvents()).toEqual(['refresh.discarded', 'refresh.transient'])
  expect(provider.revoked).toMatchObject([{ token: 'rt-2' }])
  expect(provider.calls).toHaveLength(1)
})

test('a provider that does not rotate loses nothing: its token is not revoked [RFT-11]', async () => {
  const { clock, stores, provider, process, signIn } = harness()
  const session = await signIn()
  provider.script.push((request, fresh) => ({ ...fresh, refreshToken: request.refreshToken }))
  const refresher = process({ sessions: withMethods(stores.sessions, { update: outage }) })
  await expect(clock.run(refresher.refresh(session))).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(provider.revoked).toEqual([])
  expect(await clock.run(process().refresh(session))).toMatchObject({ version: 2 })
})
