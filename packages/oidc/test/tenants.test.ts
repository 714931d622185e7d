import { describe, expect, it } from 'vitest'
import type { OidcOptions } from '../src/index.ts'
import { failureOf } from './support/failure.ts'
import { outcomeOf } from './support/option-effects.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { json } from './support/scripted-provider.ts'
import { begin, callback, providerFor, refreshRequest, signIn, TOKENS } from './support/sign-in.ts'
import { fetchAs } from './support/stub-provider.ts'

const ISSUER = 'https://login.example.com/{tenantid}/v2.0'
const PLACE = 'https://login.example.com/common/v2.0/.well-known/openid-configuration'
const issuerOf = (tenant: string) => `https://login.example.com/${tenant}/v2.0`

const tenants = (options: Partial<OidcOptions> = {}) =>
  providerFor(scripted, {
    issuer: ISSUER,
    metadataUrl: PLACE,
    acceptIssuer: (issuer, { tid }) =>
      issuer === issuerOf(String(tid)) && ['red', 'blue'].includes(String(tid)),
    fetch: fetchAs(scripted, { issuer: ISSUER, metadataUrl: PLACE }),
    ...options,
  })

const signInAs = (iss: string, tid: string, provider = tenants()) =>
  signIn(scripted, provider, { claims: { iss, tid }, iss })

describe('Metadata of many tenants, with acceptIssuer', () => {
  it('signs in the users of each accepted tenant, under its own issuer', async () => {
    const provider = tenants()
    for (const tenant of ['red', 'blue']) {
      const grant = await signInAs(issuerOf(tenant), tenant, provider)
      expect([grant.issuer, grant.claims['iss'], grant.subject]).toEqual([
        issuerOf(tenant),
        issuerOf(tenant),
        'alice',
      ])
      expect(provider.isMaker({ issuer: grant.issuer })).toBe(true)
    }
    expect(scripted.requestsTo('/token')).toHaveLength(2)
  })

  it.each([
    ['a tenant that is not accepted', issuerOf('green'), 'green'],
    ['the issuer of one tenant with the id of another', issuerOf('red'), 'blue'],
    ['an issuer that is not of this form', 'https://evil.example.com/red/v2.0', 'red'],
    ['an issuer with more segments', `${issuerOf('red').replace('/v2', '/x/v2')}`, 'red'],
    ['the placeholder itself', ISSUER, '{tenantid}'],
  ])('refuses %s', async (_name, iss, tid) => {
    expect(await outcomeOf(() => signInAs(iss, tid))).toBe('login_failed')
  })

  it.each([
    ['of another client', { aud: 'other-app' }],
    ['with another nonce', { nonce: 'replayed' }],
    ['long expired', { exp: 1 }],
  ])('refuses an ID token %s of an accepted tenant', async (_name, claims) => {
    const attempt = () =>
      signIn(scripted, tenants(), {
        claims: { iss: issuerOf('red'), tid: 'red', ...claims },
        iss: issuerOf('red'),
      })
    expect(await outcomeOf(attempt)).toBe('login_failed')
  })

  it('asks only after the signature is verified', async () => {
    const asked: string[] = []
    const provider = tenants({ acceptIssuer: (issuer) => asked.push(issuer) > 0 })
    await scripted.rotateKeys()
    const forged = await scripted.sign({ iss: issuerOf('red') })
    const attempt = signIn(scripted, provider, {
      iss: issuerOf('red'),
      idToken: async () => `${forged.slice(0, -6)}AAAAAA`,
    })
    await failureOf(attempt)
    expect(asked).toEqual([])
  })

  it('compares the issuer of the callback with that of the ID token (RFC 9207)', async () => {
    const provider = tenants()
    for (const [named, outcome] of [
      ['red', 'alice'],
      ['blue', 'login_failed'],
    ] as const) {
      const { nonce, transaction } = await begin(provider)
      const id_token = await scripted.idToken({ nonce, iss: issuerOf('red'), tid: 'red' })
      scripted.on('/token', json(200, { ...TOKENS, id_token }))
      const attempt = async () =>
        (await provider.exchange(callback(scripted, { iss: issuerOf(named) }), transaction)).subject
      expect(await outcomeOf(attempt)).toBe(outcome)
    }
  })

  it('says so when the provider refuses the code, and when it is down', async () => {
    for (const [status, error, code] of [
      [400, 'invalid_grant', 'login_failed'],
      [401, 'invalid_client', 'provider_misconfigured'],
      [503, 'x', 'provider_unavailable'],
    ] as const) {
      const provider = tenants()
      const { transaction } = await begin(provider)
      scripted.on('/token', json(status, { error }))
      const attempt = provider.exchange(callback(scripted, { iss: issuerOf('red') }), transaction)
      expect((await failureOf(attempt)).code).toBe(code)
    }
  })

  it('refreshes with an ID token of the session’s own tenant only', async () => {
    const provider = tenants()
    const refresh = async (tenant: string) => {
      scripted.on(
        '/token',
        json(200, { ...TOKENS, id_token: await scripted.idToken({ iss: issuerOf(tenant) }) }),
      )
      return (await provider.refresh(refreshRequest({ issuer: issuerOf('red') }))).accessToken
    }
    expect(await outcomeOf(() => refresh('red'))).toBe('access-1')
    expect(await outcomeOf(() => refresh('blue'))).toBe('provider_unavailable')
    const foreign = provider.refresh(refreshRequest({ issuer: 'https://old.example.com' }))
    expect((await failureOf(foreign)).code).toBe('provider_misconfigured')
  })

  it('takes logout tokens of accepted tenants only', async () => {
    const now = Math.floor(scripted.clock.now() / 1000)
    const logoutOf = (iss: string, tid: string) => async () => {
      const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
      const claims = { iss, tid, aud: 'app', sub: 'alice', iat: now, exp: now + 60, jti: 'j', events }
      return (await tenants().verifyLogoutToken(await scripted.sign(claims, { typ: 'logout+jwt' }))).issuer
    }
    expect(await outcomeOf(logoutOf(issuerOf('red'), 'red'))).toBe(issuerOf('red'))
    expect(await outcomeOf(logoutOf(issuerOf('green'), 'green'))).toBe('bad_request')
    expect(await outcomeOf(logoutOf('https://evil.example.com', 'red'))).toBe('bad_request')
  })
})

describe('Options for metadata elsewhere', () => {
  it('metadataUrl finds the metadata of an issuer that is not above it', async () => {
    const fetch = fetchAs(scripted, { issuer: 'https://id.example.com', metadataUrl: PLACE })
    const provider = providerFor(scripted, { issuer: 'https://id.example.com', metadataUrl: PLACE, fetch })
    const grant = await signIn(scripted, provider, {
      claims: { iss: 'https://id.example.com' },
      iss: 'https://id.example.com',
    })
    expect(grant.issuer).toBe('https://id.example.com')
  })

  it('metadata there that names another issuer is refused', async () => {
    const fetch = fetchAs(scripted, { issuer: 'https://evil.example.com', metadataUrl: PLACE })
    const provider = providerFor(scripted, { issuer: 'https://id.example.com', metadataUrl: PLACE, fetch })
    expect((await failureOf(begin(provider))).code).toBe('provider_misconfigured')
  })

  it.each<[string, Partial<OidcOptions>]>([
    ['acceptIssuer', { issuer: ISSUER, metadataUrl: PLACE }],
    ['metadataUrl', { issuer: ISSUER, acceptIssuer: () => true }],
    ['acceptIssuer', { acceptIssuer: () => true }],
    ['acceptIssuer', { issuer: ISSUER, metadataUrl: PLACE, acceptIssuer: 'all' as never }],
    ['metadataUrl', { metadataUrl: 'https://id.example.com' }],
    ['metadataUrl', { metadataUrl: 'http://id.example.com/.well-known/openid-configuration' }],
    ['parameters', { parameters: { redirect_uri: 'https://evil.example.com' } }],
  ])('a wrong %s is refused at once', (name, wrong) => {
    expect(() => providerFor(scripted, wrong)).toThrowError(
      expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining(name) }),
    )
  })
})

describe('A client secret from a function', () => {
  it('is asked for each authentication', async () => {
    let secret = 0
    const provider = providerFor(scripted, {
      clientSecret: async () => `secret-${++secret}`,
      clientSecretMethod: 'client_secret_post',
    })
    scripted.on('/token', json(200, TOKENS))
    await provider.refresh(refreshRequest({ issuer: scripted.issuer }))
    await provider.refresh(refreshRequest({ issuer: scripted.issuer }))
    const sent = scripted.requestsTo('/token').map(({ form }) => form.get('client_secret'))
    expect(sent).toEqual(['secret-1', 'secret-2'])
  })

  it.each([
    ['throws', () => Promise.reject(new Error('kms: secret-0'))],
    ['returns nothing', () => ''],
  ])('that %s is an outage, and ends nothing', async (_name, clientSecret) => {
    const error = await failureOf(
      providerFor(scripted, { clientSecret }).refresh(refreshRequest({ issuer: scripted.issuer })),
    )
    expect(error.code).toBe('provider_unavailable')
    expect(`${error.message}${error.cause}`).not.toContain('secret-0')
    expect(scripted.requestsTo('/token')).toEqual([])
  })
})
