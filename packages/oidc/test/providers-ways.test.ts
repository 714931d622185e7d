import { generateDpopKeyPair } from '@bff/core/dpop'
import { beforeEach, describe, expect, it } from 'vitest'
import { failureOf } from './support/failure.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { bare, json, text } from './support/scripted-provider.ts'
import { begin, providerFor, refreshRequest, signIn, TOKENS } from './support/sign-in.ts'

describe('Metadata with members that say nothing', () => {
  it.each([
    ['null', null],
    ['an empty text', ''],
  ])('serves when endpoints never used, or not offered, are %s', async (_name, nothing) => {
    for (const name of ['registration_endpoint', 'userinfo_endpoint', 'introspection_endpoint'])
      scripted.metadata[name] = nothing
    for (const name of [
      'revocation_endpoint',
      'end_session_endpoint',
      'pushed_authorization_request_endpoint',
    ])
      scripted.metadata[name] = nothing
    const provider = providerFor(scripted)
    expect((await signIn(scripted, provider)).subject).toBe('alice')
    const revocation = { issuer: null, token: 'r', hint: 'refresh_token', dpopKeyPair: null } as const
    await expect(provider.revoke(revocation)).resolves.toBeUndefined()
    const request = {
      ...{ issuer: null, idToken: null, state: null, subject: null },
      postLogoutRedirectUri: 'http://localhost/',
    }
    expect(await provider.endSessionUrl(request)).toBeNull()
  })

  it('serves when an endpoint never used is no URL', async () => {
    scripted.metadata['registration_endpoint'] = 'ask the administrator'
    expect((await signIn(scripted, providerFor(scripted))).subject).toBe('alice')
  })

  it.each(['token_endpoint', 'jwks_uri'])('is the operator’s to mend when %s is null', async (name) => {
    scripted.metadata[name] = null
    const error = await failureOf(signIn(scripted, providerFor(scripted)))
    expect(error.code).toBe('provider_misconfigured')
  })
})

describe('Token answers with members that say nothing', () => {
  const nothing = { refresh_token: null, scope: null, id_token: null, expires_in: null, error: null }

  it('mean what answers without those members mean', async () => {
    scripted.on('/token', json(200, { ...TOKENS, ...nothing }))
    expect(await providerFor(scripted).refresh(refreshRequest({ issuer: scripted.issuer }))).toMatchObject({
      accessToken: 'access-1',
      refreshToken: null,
      expiresIn: null,
      scope: null,
      claims: null,
    })
  })

  it.each([undefined, null, ''])('are of a Bearer token when token_type is %j', async (token_type) => {
    const grant = await signIn(scripted, providerFor(scripted), { answer: { token_type } })
    expect(grant.accessToken).toBe('access-1')
    scripted.on('/token', json(200, { ...TOKENS, token_type }))
    expect(
      (await providerFor(scripted).refresh(refreshRequest({ issuer: scripted.issuer }))).accessToken,
    ).toBe('access-1')
  })

  it('are discarded without token_type where a DPoP token was asked for', async () => {
    scripted.on('/token', json(200, { ...TOKENS, token_type: null }))
    const dpopKeyPair = await generateDpopKeyPair()
    const error = await failureOf(
      providerFor(scripted).refresh({ ...refreshRequest({ issuer: scripted.issuer }), dpopKeyPair }),
    )
    expect(error.code).toBe('provider_misconfigured')
  })

  it('are read whatever their media type', async () => {
    scripted.on('/token', text(200, 'text/plain', JSON.stringify(TOKENS)), bare(200, JSON.stringify(TOKENS)))
    const provider = providerFor(scripted)
    expect((await provider.refresh(refreshRequest({ issuer: scripted.issuer }))).accessToken).toBe('access-1')
    expect((await provider.refresh(refreshRequest({ issuer: scripted.issuer }))).accessToken).toBe('access-1')
  })
})

describe('Pushed authorization requests that are offered and refused', () => {
  beforeEach(() => {
    scripted.metadata['pushed_authorization_request_endpoint'] = `${scripted.issuer}/par`
  })

  it.each([403, 404, 405])('with %i are not pushed, and not tried again for an hour', async (status) => {
    scripted.on('/par', text(status, 'text/html', '<h1>No</h1>'))
    const provider = providerFor(scripted)
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { url } = await begin(provider)
      expect(url.searchParams.get('code_challenge_method')).toBe('S256')
    }
    expect(scripted.requestsTo('/par')).toHaveLength(1)
    const pushed = { request_uri: 'urn:ietf:params:oauth:request_uri:1', expires_in: 60 }
    scripted.on('/par', json(201, pushed))
    scripted.clock.jump(3_600_000)
    expect((await begin(provider)).url.searchParams.get('request_uri')).toBe(pushed.request_uri)
  })

  it.each([
    ['par is always', 'always', {}],
    ['the provider insists on them', 'auto', { require_pushed_authorization_requests: true }],
  ] as const)('are named in the error when %s', async (_name, par, metadata) => {
    Object.assign(scripted.metadata, metadata)
    scripted.on('/par', json(403, { error: 'access_denied' }))
    const error = await failureOf(begin(providerFor(scripted, { par })))
    expect(error.code).toBe('provider_misconfigured')
    expect(error.message).toContain('pushed authorization requests (PAR)')
  })

  it.each([
    ['an outage', text(503, 'text/html', 'Sorry'), 'provider_unavailable'],
    ['a wrong secret', json(401, { error: 'invalid_client' }), 'provider_misconfigured'],
    ['a wrong parameter', json(400, { error: 'invalid_request' }), 'provider_misconfigured'],
  ])('are not given up for %s', async (_name, answer, code) => {
    scripted.on('/par', answer)
    expect((await failureOf(begin(providerFor(scripted)))).code).toBe(code)
  })
})

describe('A provider that does not decode client_secret_basic', () => {
  const refuse = () => scripted.on('/token', json(401, { error: 'invalid_client' }))

  it('is why the error hints at client_secret_post, where encoding changes the credentials', async () => {
    refuse()
    const error = await failureOf(providerFor(scripted).refresh(refreshRequest({ issuer: scripted.issuer })))
    expect(error.message).toContain('client_secret_post')
  })

  it.each([
    ['the secret is sent in the body', { clientSecretMethod: 'client_secret_post' }],
    ['encoding changes nothing', { clientSecret: 'plain' }],
  ] as const)('is no cause when %s', async (_name, options) => {
    refuse()
    const error = await failureOf(
      providerFor(scripted, options).refresh(refreshRequest({ issuer: scripted.issuer })),
    )
    expect(error.message).not.toContain('client_secret_post')
  })
})

describe('Metadata of many tenants', () => {
  it('leads to an error that says whose issuer to configure', async () => {
    scripted.metadata['issuer'] = 'https://login.example.com/{tenantid}/v2.0'
    const error = await failureOf(begin(providerFor(scripted)))
    expect(error.code).toBe('provider_misconfigured')
    expect(error.message).toContain('https://login.example.com/{tenantid}/v2.0')
    expect(error.message).toContain('Configure the issuer of one tenant')
  })

  it('leads to an error that names the issuer found, where it is another', async () => {
    scripted.metadata['issuer'] = 'https://login.example.com/9188040d/v2.0'
    const error = await failureOf(begin(providerFor(scripted)))
    expect(error.message).toContain('names another issuer, https://login.example.com/9188040d/v2.0')
  })
})
