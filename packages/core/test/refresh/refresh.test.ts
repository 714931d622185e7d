import { expect, test } from 'vitest'
import { generateDpopKeyPair } from '../../src/dpop/key.ts'
import { BffError } from '../../src/internal/bff-error.ts'
import { createEncryptor, generateEncryptionKey } from '../../src/internal/crypto/create-encryptor.ts'
import { sealTokens } from '../../src/session/seal.ts'
import { HOUR, harness, LIFE_MS } from './harness.ts'

test('new tokens replace the old, and what the answer leaves out stays [RFT-01, S1-22]', async () => {
  const { clock, provider, process, signIn, tokensOf, identityOf, stored, events } = harness()
  const session = await signIn()
  provider.script.push((_, fresh) => ({ ...fresh, refreshToken: null, expiresIn: 600 }))
  await clock.advance(1000)

  const refreshed = await clock.run(process().refresh(session))
  expect(await tokensOf(refreshed)).toEqual({
    accessToken: 'at-2',
    refreshToken: 'rt-1',
    idToken: 'id-1',
    dpopKeyPair: null,
  })
  expect(refreshed).toMatchObject({ version: 2, accessTokenExpiresAt: clock.now() + 600_000 })
  expect(await stored(session)).toEqual(refreshed)
  expect(provider.calls).toMatchObject([
    {
      refreshToken: 'rt-1',
      issuer: 'https://idp.example.com',
      subject: 'alice',
      scope: 'openid orders',
      dpopKeyPair: null,
    },
  ])
  expect(events).toEqual([{ type: 'session.refreshed', handle: session.handle, userId: 'alice' }])

  const again = refreshed && (await clock.run(process().refresh(refreshed)))
  expect(await tokensOf(again)).toMatchObject({ accessToken: 'at-3', refreshToken: 'rt-3' })
  expect(again && (await identityOf(again))).toEqual({
    claims: { sub: 'alice', name: 'Alice' },
    scope: 'openid orders',
    sessionState: 'state-1',
  })
})

test('refreshed claims and a smaller scope are kept, session state stays [RFT-14, RFT-15]', async () => {
  const { clock, provider, process, signIn, identityOf } = harness()
  const session = await signIn()
  const claims = { iss: 'https://idp.example.com', sub: 'alice', name: 'Alice B.' }
  provider.script.push((_, fresh) => ({ ...fresh, scope: 'openid', claims }))
  const refreshed = await clock.run(process().refresh(session))
  expect(refreshed && (await identityOf(refreshed))).toEqual({
    claims,
    scope: 'openid',
    sessionState: 'state-1',
  })
})

test('a session of an unknown issuer has none to compare with [RFT-14]', async () => {
  const { clock, provider, process, signIn } = harness()
  const session = await signIn({ record: { issuer: null } })
  provider.script.push((_, fresh) => ({ ...fresh, claims: { iss: 'https://idp.example.com', sub: 'alice' } }))
  expect(await clock.run(process().refresh(session))).toMatchObject({ version: 2 })
})

test.each([{ sub: 'mallory' }, { sub: 'alice', iss: 'https://other.example.com' }])(
  'tokens about somebody else end the session: %o [RFT-14]',
  async (claims) => {
    const { clock, provider, process, signIn, stored, typesOfEvents } = harness()
    const session = await signIn()
    provider.script.push((_, fresh) => ({ ...fresh, claims }))
    expect(await clock.run(process().refresh(session))).toBe(null)
    expect((await stored(session))?.revocation).toMatchObject({
      reasonCode: 'subject_mismatch',
      actorType: 'system',
    })
    expect(typesOfEvents()).toEqual(['refresh.subject_mismatch', 'session.revoked'])
    await expect.poll(() => provider.revoked).toMatchObject([{ token: 'rt-2', hint: 'refresh_token' }])
  },
)

test('an answer with more scope is refused, and the session stays [RFT-15]', async () => {
  const { clock, provider, process, signIn, stored, events } = harness()
  const session = await signIn()
  provider.script.push((_, fresh) => ({ ...fresh, scope: 'openid orders admin' }))
  await expect(clock.run(process().refresh(session))).rejects.toMatchObject({
    code: 'provider_misconfigured',
    retryAfter: 1,
  })
  expect(await stored(session)).toEqual(session)
  expect(events).toMatchObject([
    { type: 'provider.failed', operation: 'refresh', code: 'provider_misconfigured' },
    { type: 'refresh.transient', code: 'provider_misconfigured' },
  ])
})

test('the key of the session is proven at every refresh and kept [DPO-13, S1-45, flaw 19]', async () => {
  const { clock, provider, process, signIn, tokensOf } = harness()
  const dpopKeyPair = await generateDpopKeyPair()
  const session = await signIn({ tokens: { dpopKeyPair } })
  provider.script.push((request, fresh) => ({ ...fresh, dpopKeyPair: request.dpopKeyPair }))
  const refreshed = await clock.run(process().refresh(session))
  expect(provider.calls[0]?.dpopKeyPair).toEqual(dpopKeyPair)
  expect(await tokensOf(refreshed)).toMatchObject({ accessToken: 'at-2', dpopKeyPair })
  expect(refreshed?.dpopThumbprint).toBe(dpopKeyPair.thumbprint)
})

test.each(['Bearer tokens', 'another key'])('%s for a DPoP session are discarded [DPO-07]', async (kind) => {
  const { clock, provider, process, signIn, stored } = harness()
  const session = await signIn({ tokens: { dpopKeyPair: await generateDpopKeyPair() } })
  const dpopKeyPair = kind === 'another key' ? await generateDpopKeyPair() : null
  provider.script.push((_, fresh) => ({ ...fresh, dpopKeyPair }))
  await expect(clock.run(process().refresh(session))).rejects.toMatchObject({
    code: 'provider_misconfigured',
  })
  expect(await stored(session)).toEqual(session)
})

test('a refresh leaves nothing sealed with an old key [CRY-06]', async () => {
  const old = generateEncryptionKey()
  const { clock, process, signIn } = harness({ keys: [old] })
  const session = await signIn({ tokens: { dpopKeyPair: null } })
  const encryptor = createEncryptor({ keys: [generateEncryptionKey(), old] })
  const refreshed = await clock.run(process({ encryptor }).refresh(session))
  const { accessTokenEncrypted, refreshTokenEncrypted, idTokenEncrypted, claimsEncrypted } = refreshed ?? {}
  for (const envelope of [accessTokenEncrypted, refreshTokenEncrypted, idTokenEncrypted, claimsEncrypted]) {
    expect(envelope && encryptor.needsReseal(envelope)).toBe(false)
  }
})

test('a rejected refresh token ends the session [RFT-07]', async () => {
  const { clock, provider, process, signIn, stored, typesOfEvents } = harness()
  const session = await signIn()
  provider.script.push(() => {
    throw new BffError('refresh_rejected')
  })
  await expect(clock.run(process().refresh(session))).rejects.toMatchObject({ code: 'refresh_rejected' })
  expect((await stored(session))?.revocation).toMatchObject({
    reasonCode: 'refresh_rejected',
    actorType: 'provider',
  })
  expect(typesOfEvents()).toEqual(['session.revoked', 'refresh.terminal'])
})

test('a rejected refresh token is nothing to end a session for when a sibling stored newer tokens [RFT-07]', async () => {
  const { clock, stores, provider, encryptor, process, signIn, tokensOf, stored, typesOfEvents } = harness()
  const session = await signIn()
  provider.script.push(async () => {
    const newer = { accessToken: 'at-sibling', refreshToken: 'rt-sibling', idToken: null, dpopKeyPair: null }
    const patch = { ...(await sealTokens(encryptor, session.handle, newer)), updatedAt: clock.now() }
    const times = { accessTokenIssuedAt: clock.now(), accessTokenExpiresAt: clock.now() + LIFE_MS }
    await stores.sessions.update(session.handle, { ...patch, ...times }, session.version)
    throw new BffError('refresh_rejected')
  })
  const result = await clock.run(process().refresh(session))
  expect(await tokensOf(result)).toMatchObject({ accessToken: 'at-sibling', refreshToken: 'rt-sibling' })
  expect(await stored(session)).toEqual(result)
  expect(typesOfEvents()).toEqual([])
})

test.each([
  ['provider_unavailable', new BffError('provider_unavailable', undefined, { retryAfter: 7 }), 7],
  ['provider_misconfigured', new BffError('provider_misconfigured'), 1],
  ['provider_unavailable', new TypeError('socket hang up'), 1],
  ['provider_unavailable', new BffError('login_failed'), 1],
] as const)('%s never ends a session (%s) [RFT-08]', async (code, error, retryAfter) => {
  const { clock, provider, process, signIn, stored, events } = harness()
  const session = await signIn()
  provider.script.push(() => {
    throw error
  })
  await expect(clock.run(process().refresh(session))).rejects.toMatchObject({ code, retryAfter })
  expect(await stored(session)).toEqual(session)
  expect(events).toMatchObject([
    { type: 'provider.failed', code, cause: error },
    { type: 'refresh.transient', code },
  ])
})

test('a provider that never answers is given up when the lease ends, and tried again later [RFT-16]', async () => {
  const { clock, provider, process, signIn, tokensOf } = harness()
  const session = await signIn()
  provider.script.push(() => new Promise(() => {}))
  const refresher = process()
  await expect(clock.run(refresher.refresh(session))).rejects.toMatchObject({ code: 'provider_unavailable' })
  expect(provider.calls[0]?.signal?.aborted).toBe(true)
  expect(await tokensOf(await clock.run(refresher.refresh(session)))).toMatchObject({ accessToken: 'at-3' })
  expect(clock.sleepers).toBe(0)
})

test('without a refresh token there is nothing to refresh with [S1-46]', async () => {
  const { clock, provider, process, signIn, typesOfEvents } = harness()
  const session = await signIn({ tokens: { refreshToken: null } })
  await expect(clock.run(process().refresh(session))).rejects.toMatchObject({ code: 'token_expired' })
  expect([provider.calls, typesOfEvents()]).toEqual([[], []])
})

test('an expired refresh token ends the session without asking the provider [BFF-17]', async () => {
  const { clock, provider, process, signIn } = harness()
  const session = await signIn({ record: { refreshTokenExpiresAt: clock.now() + HOUR } })
  await clock.advance(HOUR + 1)
  expect(await clock.run(process().refresh(session))).toBe(null)
  expect(await clock.run(process().ensureFresh(session))).toBe(null)
  const longLived = { ...session, accessTokenExpiresAt: clock.now() + LIFE_MS }
  expect(await process().ensureFresh(longLived)).toBe(null)
  expect(provider.calls).toEqual([])
})

test('insane lives do not end in a refresh loop [RFT-12]', async () => {
  const { clock, provider, process, signIn } = harness()
  const session = await signIn()
  provider.script.push((_, fresh) => ({ ...fresh, expiresIn: 0 }))
  const refresher = process()
  await clock.advance(LIFE_MS + 1)
  const refreshed = await clock.run(refresher.ensureFresh(session))
  expect(refreshed && (await refresher.ensureFresh(refreshed))).toBe(refreshed)
  expect(provider.calls).toHaveLength(1)
})
