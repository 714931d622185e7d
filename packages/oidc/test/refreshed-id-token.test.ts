import { generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'
import { failureOf } from './support/failure.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { json, reset } from './support/scripted-provider.ts'
import { providerFor, refreshRequest, signIn, TOKENS } from './support/sign-in.ts'

const request = () => refreshRequest({ issuer: scripted.issuer, scope: 'openid profile' })

const claims = (more: Record<string, unknown> = {}) => {
  const now = Math.floor(scripted.clock.now() / 1000)
  return { iss: scripted.issuer, aud: 'app', sub: 'alice', iat: now, exp: now + 300, ...more }
}

const answerWith = (id_token: string) => scripted.on('/token', json(200, { ...TOKENS, id_token }))
const keyRequests = () => scripted.requestsTo('/jwks').length

describe('A refreshed ID token', () => {
  it('is taken with its claims when its signature is the provider’s', async () => {
    answerWith(await scripted.idToken({ roles: ['admin'] }))
    const refreshed = await providerFor(scripted, { idTokenHint: true }).refresh(request())
    expect(refreshed.claims).toMatchObject({ sub: 'alice', roles: ['admin'] })
    expect(refreshed.idToken).toMatch(/^ey/)
  })

  it.each([
    ['signed with a key of somebody else, under the provider’s name', {}],
    ['signed with a key of somebody else, and about somebody else', { sub: 'mallory' }],
  ])('is not taken, nor are its claims, when it is %s', async (_name, more) => {
    const { privateKey } = await generateKeyPair('ES256')
    answerWith(await scripted.sign(claims({ roles: ['admin'], ...more }), {}, privateKey))
    const error = await failureOf(providerFor(scripted, { idTokenHint: true }).refresh(request()))
    expect(error.code).toBe('provider_unavailable')
    expect(String(error.cause)).toContain('JWSSignatureVerificationFailed')
  })

  it('is not taken when somebody changed a claim on the way', async () => {
    const [header = '', payload = '', signature = ''] = (await scripted.idToken()).split('.')
    const changed = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), roles: ['admin'] }
    const body = Buffer.from(JSON.stringify(changed)).toString('base64url')
    answerWith([header, body, signature].join('.'))
    expect((await failureOf(providerFor(scripted).refresh(request()))).code).toBe('provider_unavailable')
  })

  it.each([
    ['another issuer', { iss: 'https://evil.example.com' }],
    ['another audience', { aud: 'other-app' }],
    ['several audiences and another authorized party', { aud: ['app', 'other-app'], azp: 'other-app' }],
    ['an expiry long past', { exp: 1 }],
    ['no time of issue', { iat: undefined }],
    ['no subject', { sub: undefined }],
  ])('is not taken when it names %s, though the signature is good', async (_name, more) => {
    answerWith(await scripted.idToken(more))
    expect((await failureOf(providerFor(scripted).refresh(request()))).code).toBe('provider_unavailable')
  })

  it('names somebody else only to the core, which ends the session, and only when it is signed', async () => {
    answerWith(await scripted.idToken({ sub: 'mallory' }))
    expect((await providerFor(scripted).refresh(request())).claims).toMatchObject({ sub: 'mallory' })
    scripted.on('/jwks', reset)
    expect((await failureOf(providerFor(scripted).refresh(request()))).code).toBe('provider_unavailable')
  })

  it('is left unread while the provider’s keys cannot be had: the tokens stand, the claims stay as they were', async () => {
    answerWith(await scripted.idToken({ roles: ['admin'] }))
    scripted.on('/jwks', reset)
    const refreshed = await providerFor(scripted, { idTokenHint: true }).refresh(request())
    expect(refreshed).toMatchObject({ accessToken: 'access-1', refreshToken: 'refresh-1' })
    expect(refreshed).toMatchObject({ claims: null, idToken: null })
  })

  it('is left unread, and the tokens stand, when keys were exchanged a moment ago', async () => {
    const provider = providerFor(scripted)
    await signIn(scripted, provider)
    await scripted.rotateKeys()
    answerWith(await scripted.idToken())
    expect(await provider.refresh(request())).toMatchObject({ accessToken: 'access-1', claims: null })
    scripted.clock.jump(5_000)
    expect((await provider.refresh(request())).claims).toMatchObject({ sub: 'alice' })
    expect(keyRequests()).toBe(2)
  })
})

describe('A key exchanged under its old name', () => {
  it('is found at a sign-in', async () => {
    const provider = providerFor(scripted)
    await signIn(scripted, provider)
    await scripted.rotateKeys({ sameName: true })
    scripted.clock.jump(5_000)
    expect((await signIn(scripted, provider)).subject).toBe('alice')
    expect(keyRequests()).toBe(2)
  })

  it('is found at a refresh', async () => {
    const provider = providerFor(scripted)
    await signIn(scripted, provider)
    await scripted.rotateKeys({ sameName: true })
    scripted.clock.jump(5_000)
    answerWith(await scripted.idToken())
    expect((await provider.refresh(request())).claims).toMatchObject({ sub: 'alice' })
  })

  it('is found for a logout token, which is looked up once in 30 seconds at most', async () => {
    const provider = providerFor(scripted)
    await signIn(scripted, provider)
    await scripted.rotateKeys({ sameName: true })
    const { privateKey } = await generateKeyPair('ES256')
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
    const header = { typ: 'logout+jwt' }
    const genuine = await scripted.sign(claims({ events, jti: '1' }), header)
    const forged = await scripted.sign(claims({ events, jti: '2' }), header, privateKey)
    expect((await failureOf(provider.verifyLogoutToken(genuine))).code).toBe('bad_request')
    scripted.clock.jump(30_000)
    expect(await provider.verifyLogoutToken(genuine)).toMatchObject({ subject: 'alice' })
    for (let call = 0; call < 20; call += 1) {
      scripted.clock.jump(1_000)
      expect((await failureOf(provider.verifyLogoutToken(forged))).code).toBe('bad_request')
    }
    expect(keyRequests()).toBe(2)
  })

  it('is looked for again within ten seconds after the keys could not be had', async () => {
    const provider = providerFor(scripted)
    await signIn(scripted, provider)
    await scripted.rotateKeys()
    scripted.on('/jwks', reset)
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
    const token = await scripted.sign(claims({ events, jti: '1' }), { typ: 'logout+jwt' })
    scripted.clock.jump(30_000)
    expect((await failureOf(provider.verifyLogoutToken(token))).code).toBe('provider_unavailable')
    scripted.on('/jwks', json(200, { keys: [] }))
    const before = keyRequests()
    scripted.clock.jump(5_000)
    await failureOf(provider.verifyLogoutToken(token))
    expect(keyRequests()).toBe(before + 1)
  })
})
