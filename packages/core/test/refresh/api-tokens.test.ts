import { describe, expect, test } from 'vitest'
import type { SessionRecord } from '../../src/contracts/session.ts'
import { BffError } from '../../src/internal/bff-error.ts'
import { HOUR, harness, OPTIONS, outage, withMethods } from './harness.ts'

const BILLING = { resource: 'https://billing.internal' }
const STOCK = { resource: 'https://stock.internal' }
const isUsed = (handle: string) => `refresh:${handle}`

async function setUp(...seed: Parameters<ReturnType<typeof harness>['signIn']>) {
  const all = harness()
  const session = await all.signIn(...seed)
  const current = async (record: SessionRecord = session) => {
    const stored = await all.stored(record)
    if (stored === null) throw new Error('It is stored.')
    return stored
  }
  const refreshTokenOf = async (record?: SessionRecord) =>
    (await all.tokensOf(await current(record)))?.refreshToken
  return { ...all, session, current, refreshTokenOf }
}

describe('A token for a further API', () => {
  test('stores the refresh token that replaced the session’s, and nothing else of the answer', async () => {
    const { clock, apiTokens, session, current, tokensOf, identityOf, provider, events } = await setUp()
    provider.script.push((_, fresh) => ({
      ...fresh,
      scope: 'billing',
      idToken: 'id-2',
      refreshTokenExpiresIn: 60,
    }))
    const tokens = await clock.run(apiTokens()(session, BILLING, null))
    expect(tokens).toEqual({ accessToken: 'https://billing.internal-at-2', dpopKeyPair: null })
    const after = await current()
    expect(await tokensOf(after)).toMatchObject({
      accessToken: 'at-1',
      refreshToken: 'rt-2',
      idToken: 'id-1',
    })
    expect((await identityOf(after)).scope).toBe('openid orders')
    expect(after).toMatchObject({
      accessTokenIssuedAt: session.accessTokenIssuedAt,
      accessTokenExpiresAt: session.accessTokenExpiresAt,
      refreshTokenExpiresAt: clock.now() + 60_000,
    })
    expect(events).toEqual([])
  })

  test('writes nothing when the refresh token stays', async () => {
    const { clock, apiTokens, session, current, provider } = await setUp()
    const scripts = [{ refreshToken: null }, { refreshToken: 'rt-1' }]
    for (const script of scripts) {
      provider.script.push((_, fresh) => ({ ...fresh, ...script }))
      await clock.run(apiTokens()(session, BILLING, null))
      expect((await current()).version).toBe(1)
    }
  })

  test('is kept for its session, API and scope, and fetched once for all who wait [RFT-02, RFT-03]', async () => {
    const { clock, apiTokens, session, signIn, provider } = await setUp()
    const other = await signIn({ tokens: { refreshToken: 'rt-of-bob' } })
    const tokensFor = apiTokens()
    const ask = (record: SessionRecord, target = BILLING) =>
      tokensFor(record, target, null).then(({ accessToken }) => accessToken)
    const all = clock.run(
      Promise.all([
        ...Array.from({ length: 20 }, () => ask(session)),
        ask(other),
        ask(session, STOCK),
        ask(session, { ...BILLING, scope: 'read' } as typeof BILLING),
      ]),
    )
    expect(new Set(await all).size).toBe(4)
    expect(provider.calls).toHaveLength(4)
    await clock.run(Promise.all([ask(session), ask(other), ask(session, STOCK)]))
    expect(provider.calls).toHaveLength(4)
    clock.jump(HOUR)
    await clock.run(ask(session))
    expect(provider.calls).toHaveLength(5)
  })

  test('never uses a refresh token twice, with several processes, APIs and the session’s own refreshes', async () => {
    const { clock, apiTokens, process, session, current, refreshTokenOf, provider, typesOfEvents } =
      await setUp()
    const work = Array.from({ length: 3 }, () => [apiTokens(), process()] as const).flatMap(
      ([tokensFor, refresher]) => [
        () => tokensFor(session, BILLING, null),
        () => tokensFor(session, STOCK, null),
        async () => refresher.refresh(await current()),
        () => tokensFor(session, { scope: 'reports' }, null),
      ],
    )
    await clock.run(Promise.all(work.map((one) => one())))
    const used = provider.calls.map(({ refreshToken }) => refreshToken)
    expect(used.length).toBeGreaterThanOrEqual(10)
    expect(new Set(used).size).toBe(used.length)
    expect(await refreshTokenOf()).toBe(`rt-${used.length + 1}`)
    expect((await current()).revocation).toBeNull()
    expect(new Set(typesOfEvents())).toEqual(new Set(['session.refreshed']))
  })

  test('a token that an API refused is replaced', async () => {
    const { clock, apiTokens, session } = await setUp()
    const tokensFor = apiTokens()
    const first = await clock.run(tokensFor(session, BILLING, null))
    clock.jump(60_000)
    const second = await clock.run(tokensFor(session, BILLING, first.accessToken))
    expect(second.accessToken).not.toBe(first.accessToken)
  })
})

describe('A refused token for a further API ends no session', () => {
  test.each([
    ['refresh_rejected', 'token_expired'],
    ['token_expired', 'token_expired'],
    ['provider_misconfigured', 'provider_misconfigured'],
    ['provider_unavailable', 'provider_unavailable'],
  ] as const)('%s is %s', async (thrown, code) => {
    const { clock, apiTokens, process, session, current, provider } = await setUp()
    provider.script.push(() => {
      throw new BffError(thrown)
    })
    await expect(clock.run(apiTokens()(session, BILLING, null))).rejects.toMatchObject({ code })
    expect((await current()).revocation).toBeNull()
    expect(await clock.run(process().refresh(session))).not.toBeNull()
  })

  test('there is none without a refresh token, and none for nothing', async () => {
    const { clock, apiTokens, session } = await setUp({ tokens: { refreshToken: null } })
    const tokensFor = apiTokens()
    await expect(clock.run(tokensFor(session, BILLING, null))).rejects.toMatchObject({
      code: 'token_expired',
    })
    await expect(tokensFor(session, {}, null)).rejects.toMatchObject({ code: 'invalid_argument' })
  })

  test('while another process holds the refresh lease, it waits, and then says so', async () => {
    const { clock, apiTokens, session, stores, provider } = await setUp()
    await stores.ttl.setIfAbsent(isUsed(session.handle), 'another', 60_000)
    await expect(clock.run(apiTokens()(session, BILLING, null))).rejects.toMatchObject({
      code: 'refresh_busy',
    })
    expect(provider.calls).toEqual([])
  })
})

describe('While the provider answers', () => {
  test('a sign-out wins: no token is returned, and the new refresh token is revoked', async () => {
    const { clock, apiTokens, session, logOut, provider, current } = await setUp()
    provider.script.push(async (_, fresh) => {
      await logOut(session)
      return fresh
    })
    await expect(clock.run(apiTokens()(session, BILLING, null))).rejects.toMatchObject({
      code: 'session_expired',
    })
    expect((await current()).refreshTokenEncrypted).toBeNull()
    await clock.run(clock.sleep(60_000))
    await expect.poll(() => provider.revoked.map(({ token }) => token)).toContain('rt-2')
  })

  test('another write of the session does not lose the new refresh token', async () => {
    const { clock, apiTokens, session, stores, provider, refreshTokenOf, current } = await setUp()
    provider.script.push(async (_, fresh) => {
      await stores.sessions.update(session.handle, { metadata: { a: 1 }, updatedAt: 1 }, 1)
      return fresh
    })
    await clock.run(apiTokens()(session, BILLING, null))
    expect([await refreshTokenOf(), (await current()).metadata]).toEqual(['rt-2', { a: 1 }])
  })

  test('a store that fails once does not lose it either; one that stays away is an outage', async () => {
    const { clock, apiTokens, session, stores, refreshTokenOf } = await setUp()
    let failures = 2
    const sessions = withMethods(stores.sessions, {
      update: async (...change) => (failures-- > 0 ? outage() : stores.sessions.update(...change)),
    })
    await clock.run(apiTokens({ sessions })(session, BILLING, null))
    expect(await refreshTokenOf()).toBe('rt-2')
    const gone = withMethods(stores.sessions, { update: outage })
    await expect(clock.run(apiTokens({ sessions: gone })(session, STOCK, null))).rejects.toMatchObject({
      code: 'store_unavailable',
    })
  })

  test('a refresh of a process without the lease wins over it', async () => {
    const { clock, apiTokens, process, session, stores, provider, refreshTokenOf } = await setUp()
    provider.script.push(async (_, fresh) => {
      await stores.ttl.take(isUsed(session.handle))
      provider.script.push((__, newer) => newer)
      await process().refresh(session)
      return fresh
    })
    const { accessToken } = await clock.run(apiTokens()(session, BILLING, null))
    expect([accessToken, await refreshTokenOf()]).toEqual(['https://billing.internal-at-2', 'rt-3'])
  })

  test('it never makes a refresh without the lease end the session', async () => {
    const { clock, apiTokens, process, session, stores, provider, current, refreshTokenOf } = await setUp()
    provider.script.push(async () => {
      await stores.ttl.take(isUsed(session.handle))
      await apiTokens()(session, BILLING, null)
      throw new BffError('refresh_rejected')
    })
    await expect(clock.run(process().refresh(session))).rejects.toMatchObject({ code: 'refresh_busy' })
    expect((await current()).revocation).toBeNull()
    expect(await clock.run(process().refresh(session))).not.toBeNull()
    expect(await refreshTokenOf()).toBe('rt-4')
  })

  test('an answer for another user ends the session, as at a refresh [RFT-14]', async () => {
    const { clock, apiTokens, session, provider, current, typesOfEvents } = await setUp()
    provider.script.push((_, fresh) => ({ ...fresh, claims: { sub: 'mallory' } }))
    await expect(clock.run(apiTokens()(session, BILLING, null))).rejects.toMatchObject({
      code: 'session_expired',
    })
    expect((await current()).revocation?.reasonCode).toBe('subject_mismatch')
    expect(typesOfEvents()).toContain('refresh.subject_mismatch')
  })

  test('a hanging provider is given up after the length of a lease [RFT-16]', async () => {
    const { clock, apiTokens, session, provider } = await setUp()
    provider.script.push(() => new Promise(() => {}))
    const before = clock.now()
    await expect(clock.run(apiTokens()(session, BILLING, null))).rejects.toMatchObject({
      code: 'provider_unavailable',
    })
    expect(clock.now() - before).toBeGreaterThanOrEqual(OPTIONS.leaseMs)
  })
})
