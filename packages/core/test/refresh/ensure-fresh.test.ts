import { expect, test } from 'vitest'
import type { SessionHandle } from '../../src/contracts/session.ts'
import { BffError } from '../../src/internal/bff-error.ts'
import { isRefreshDue } from '../../src/refresh/schedule.ts'
import { generateSessionId, parseSessionId } from '../../src/session/id.ts'
import { harness, LIFE_MS, OPTIONS, outage, withMethods } from './harness.ts'

const unavailable = () => {
  throw new BffError('provider_unavailable')
}
const THRESHOLD = OPTIONS.thresholdMs

test('a token with life enough is used as it is, without a look at any store [RFT-12]', async () => {
  const { clock, stores, process, signIn } = harness()
  const session = await signIn()
  const refresher = process({
    sessions: withMethods(stores.sessions, { get: outage, update: outage }),
    ttl: withMethods(stores.ttl, { setIfAbsent: outage }),
  })
  expect(await refresher.ensureFresh(session)).toBe(session)
  await clock.advance(LIFE_MS - THRESHOLD)
  expect(await refresher.ensureFresh(session)).toBe(session)
})

test('a token within the threshold is refreshed [RFT-12]', async () => {
  const { clock, process, signIn, tokensOf } = harness()
  const session = await signIn()
  await clock.advance(LIFE_MS - THRESHOLD * 0.9)
  expect(await tokensOf(await clock.run(process().ensureFresh(session)))).toMatchObject({
    accessToken: 'at-2',
  })
})

test('sessions of one age come due one after the other, within a tenth of the threshold [RFT-12]', async () => {
  const { signIn } = harness()
  const session = await signIn()
  const expires = session.accessTokenExpiresAt ?? 0
  for (const life of [LIFE_MS, 60_000]) {
    const aged = { ...session, accessTokenIssuedAt: expires - life }
    const threshold = Math.min(THRESHOLD, life / 5)
    const firstDue = (handle: SessionHandle) => {
      let left = threshold
      while (!isRefreshDue({ ...aged, handle }, THRESHOLD, expires - left)) left -= threshold / 1000
      return left / threshold
    }
    const dues = Array.from({ length: 200 }, () =>
      firstDue(parseSessionId(generateSessionId())?.handle ?? session.handle),
    )
    expect(Math.max(...dues)).toBeLessThanOrEqual(1)
    expect(Math.min(...dues)).toBeGreaterThan(0.9)
    expect(new Set(dues).size).toBeGreaterThan(50)
    expect(firstDue(session.handle)).toBe(firstDue(session.handle))
  }
})

test('an outage is tolerated while the access token lives, and asked about again later [RFT-06, S1-46]', async () => {
  const { clock, provider, process, signIn, tokensOf, stored } = harness()
  const session = await signIn()
  const refresher = process()
  provider.script.push(unavailable)
  await clock.advance(LIFE_MS - 60_000)

  expect(await clock.run(refresher.ensureFresh(session))).toBe(session)
  expect(await refresher.ensureFresh(session)).toBe(session)
  await clock.advance(9_000)
  expect(await refresher.ensureFresh(session)).toBe(session)
  expect(provider.calls).toHaveLength(1)
  expect(await stored(session)).toEqual(session)

  await clock.advance(1_000)
  expect(await tokensOf(await clock.run(refresher.ensureFresh(session)))).toMatchObject({
    accessToken: 'at-3',
  })
})

test.each([
  [3, 3_000],
  [3_600, 10_000],
])(
  'An outage that names Retry-After: %i is asked about again after %i milliseconds',
  async (retryAfter, ms) => {
    const { clock, provider, process, signIn } = harness()
    const session = await signIn()
    const refresher = process()
    provider.script.push(() => {
      throw new BffError('provider_unavailable', undefined, { retryAfter })
    })
    await clock.advance(LIFE_MS - 60_000)
    expect(await clock.run(refresher.ensureFresh(session))).toBe(session)
    await clock.advance(ms - 100)
    expect(await refresher.ensureFresh(session)).toBe(session)
    await clock.advance(100)
    expect(await clock.run(refresher.ensureFresh(session))).toMatchObject({ version: 2 })
  },
)

test('an outage met shortly before the token ends is asked about again before it ends [RFT-06]', async () => {
  const { clock, provider, process, signIn } = harness()
  const session = await signIn()
  const refresher = process()
  provider.script.push(unavailable)
  await clock.advance(LIFE_MS - 4_000)
  expect(await clock.run(refresher.ensureFresh(session))).toBe(session)
  await clock.advance(2_000)
  expect(await clock.run(refresher.ensureFresh(session))).toMatchObject({ version: 2 })
})

test('an outage with an expired token is a 503 with Retry-After, each time anew [RFT-06]', async () => {
  const { clock, provider, process, signIn, stored } = harness()
  const session = await signIn()
  const refresher = process()
  provider.script.push(unavailable, unavailable)
  await clock.advance(LIFE_MS + 1)
  for (let i = 0; i < 2; i++) {
    await expect(clock.run(refresher.ensureFresh(session))).rejects.toMatchObject({
      code: 'provider_unavailable',
      status: 503,
      retryAfter: 1,
    })
  }
  expect(await stored(session)).toEqual(session)
  expect(await clock.run(refresher.ensureFresh(session))).toMatchObject({ version: 2 })
})

test('a token that ends while the provider is asked is not served [RFT-06]', async () => {
  const { clock, provider, process, signIn } = harness()
  const session = await signIn()
  provider.script.push(async () => {
    await clock.sleep(5_000)
    return unavailable()
  })
  await clock.advance(LIFE_MS - 4_000)
  await expect(clock.run(process().ensureFresh(session))).rejects.toMatchObject({
    code: 'provider_unavailable',
  })
})

test('a lease store that is down is an outage like any other [RFT-06]', async () => {
  const { clock, stores, provider, process, signIn } = harness()
  const session = await signIn()
  const refresher = process({ ttl: withMethods(stores.ttl, { setIfAbsent: outage }) })
  await clock.advance(LIFE_MS - 60_000)
  expect(await clock.run(refresher.ensureFresh(session))).toBe(session)
  await clock.advance(60_001)
  await expect(clock.run(refresher.ensureFresh(session))).rejects.toMatchObject({
    code: 'store_unavailable',
    retryAfter: 1,
  })
  expect(provider.calls).toEqual([])
})

test('a lease held elsewhere: the live token is used, an expired one waits and then is refresh_busy [RFT-06]', async () => {
  const { clock, stores, provider, process, signIn } = harness()
  const session = await signIn()
  const refresher = process()
  await stores.ttl.set(`refresh:${session.handle}`, 'somebody else', 2 * LIFE_MS)
  await clock.advance(LIFE_MS - 60_000)
  expect(await clock.run(refresher.ensureFresh(session))).toBe(session)
  await clock.advance(60_001)
  const asked = clock.now()
  await expect(clock.run(refresher.ensureFresh(session))).rejects.toMatchObject({
    code: 'refresh_busy',
    status: 503,
    retryAfter: 1,
  })
  expect(clock.now() - asked).toBeGreaterThanOrEqual(OPTIONS.waitMs)
  expect(clock.now() - asked).toBeLessThan(OPTIONS.waitMs + 1_000)
  expect(provider.calls).toEqual([])
})

test('without a refresh token the access token is used until it ends, without a look at any store [S1-46]', async () => {
  const { clock, stores, process, signIn } = harness()
  const session = await signIn({ tokens: { refreshToken: null } })
  const refresher = process({ ttl: withMethods(stores.ttl, { setIfAbsent: outage }) })
  await clock.advance(LIFE_MS - 1)
  expect(await refresher.ensureFresh(session)).toBe(session)
  await clock.advance(2)
  await expect(refresher.ensureFresh(session)).rejects.toMatchObject({ code: 'token_expired', status: 401 })
})

test('a session that does not open is not an outage [CRY-07]', async () => {
  const { clock, process, signIn, stores } = harness()
  const session = await signIn()
  await stores.sessions.update(
    session.handle,
    { refreshTokenEncrypted: new Uint8Array(40), updatedAt: clock.now() },
    session.version,
  )
  await clock.advance(LIFE_MS - 60_000)
  await expect(clock.run(process().ensureFresh(session))).rejects.toMatchObject({ code: 'seal_broken' })
})

test('only so many outages are remembered [RFT-06]', async () => {
  const { clock, provider, process, signIn } = harness()
  const session = await signIn()
  const refresher = process()
  await clock.advance(LIFE_MS - 60_000)
  provider.script.push(unavailable)
  await clock.run(refresher.ensureFresh(session))
  const others = await Promise.all(
    Array.from({ length: 1000 }, () =>
      signIn({
        record: { accessTokenIssuedAt: clock.now() - LIFE_MS, accessTokenExpiresAt: clock.now() + 60_000 },
      }),
    ),
  )
  provider.script.push(...others.map(() => unavailable))
  await clock.run(Promise.all(others.map((other) => refresher.ensureFresh(other))))
  await clock.run(refresher.ensureFresh(session))
  expect(provider.calls).toHaveLength(1002)
})
