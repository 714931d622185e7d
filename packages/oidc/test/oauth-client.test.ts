import { generateDpopKeyPair } from '@bff/core/dpop'
import { describe, expect, it } from 'vitest'
import { type OauthClientOptions, oauthClient } from '../src/index.ts'
import { failureOf } from './support/failure.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { json, text } from './support/scripted-provider.ts'
import { refreshRequest, TOKENS } from './support/sign-in.ts'

const client = (options: Partial<OauthClientOptions> = {}) =>
  oauthClient({
    tokenEndpoint: `${scripted.issuer}/token`,
    clientId: 'app',
    clientSecret: 'kept-by-the-server',
    clock: scripted.clock,
    ...options,
  })

const REQUEST = refreshRequest()

describe('a bare token endpoint', () => {
  it('refreshes with a form post, without discovery [S1-43, S1-44, S1-48]', async () => {
    scripted.on('/token', json(200, { ...TOKENS, scope: 'orders' }))
    expect(await client().refresh(REQUEST)).toMatchObject({
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      expiresIn: 60,
      scope: 'orders',
      claims: null,
    })
    const [sent] = scripted.requestsTo('/token')
    expect(sent?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/)
    expect(Object.fromEntries(sent?.form ?? [])).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-0',
      client_id: 'app',
      client_secret: 'kept-by-the-server',
    })
    expect(scripted.requestsTo('/.well-known/openid-configuration')).toHaveLength(0)
  })

  it('sends the secret in a header when asked to, and none without one [S1-44]', async () => {
    scripted.on('/token', json(200, TOKENS))
    await client({ clientSecretMethod: 'client_secret_basic' }).refresh(REQUEST)
    await oauthClient({ tokenEndpoint: `${scripted.issuer}/token`, clientId: 'app' }).refresh(REQUEST)
    const [basic, none] = scripted.requestsTo('/token')
    expect(basic?.headers.authorization).toMatch(/^Basic /)
    expect(basic?.form.has('client_secret')).toBe(false)
    expect(none?.headers.authorization).toBeUndefined()
    expect(Object.fromEntries(none?.form ?? [])).toMatchObject({ client_id: 'app' })
  })

  it('makes nothing of an id token, which it could not check', async () => {
    scripted.on('/token', json(200, { ...TOKENS, id_token: await scripted.idToken() }))
    expect(await client().refresh(REQUEST)).toMatchObject({
      accessToken: 'access-1',
      claims: null,
      idToken: null,
    })
  })

  it('proves the session’s key, with the nonce asked for, unless dpop is off [S1-43]', async () => {
    const dpopKeyPair = await generateDpopKeyPair()
    scripted.on(
      '/token',
      json(400, { error: 'use_dpop_nonce' }, { 'dpop-nonce': 'n' }),
      json(200, { ...TOKENS, token_type: 'DPoP' }),
    )
    expect((await client().refresh({ ...REQUEST, dpopKeyPair })).dpopKeyPair).toBe(dpopKeyPair)
    scripted.on('/token', json(200, TOKENS))
    expect((await client({ dpop: false }).refresh({ ...REQUEST, dpopKeyPair })).dpopKeyPair).toBeNull()
    expect(scripted.requestsTo('/token').map((sent) => sent.headers['dpop'] !== undefined)).toEqual([
      true,
      true,
      false,
    ])
  })

  it.each([
    [
      '400 invalid_grant',
      json(400, { error: 'invalid_grant', error_description: 'gone' }),
      'refresh_rejected',
    ],
    ['401 invalid_client', json(401, { error: 'invalid_client' }), 'provider_misconfigured'],
    ['500', json(500, {}), 'provider_unavailable'],
    ['HTML', text(200, 'text/html', '<p>'), 'provider_unavailable'],
  ])('%s [S1-48]', async (_name, answer, code) => {
    scripted.on('/token', answer)
    expect((await failureOf(client().refresh(REQUEST))).code).toBe(code)
  })

  it('cannot sign in', async () => {
    const provider = client()
    const request = { redirectUri: 'http://localhost:3000/cb', state: 's', parameters: {} }
    expect((await failureOf(provider.authorize(request))).code).toBe('not_configured')
    expect(
      (await failureOf(provider.exchange({ url: 'http://localhost:3000/cb', state: 's' }, {}))).code,
    ).toBe('not_configured')
    expect((await failureOf(provider.verifyLogoutToken('x'))).code).toBe('not_configured')
    const end = {
      issuer: null,
      idToken: null,
      postLogoutRedirectUri: 'http://localhost:3000/',
      state: null,
      subject: null,
    }
    expect(await provider.endSessionUrl(end)).toBeNull()
  })

  it.each([
    ['tokenEndpoint', { tokenEndpoint: undefined }],
    ['tokenEndpoint', { tokenEndpoint: '/token' }],
    ['tokenEndpoint', { tokenEndpoint: 'http://id.example.com/token' }],
    ['revocationEndpoint', { revocationEndpoint: 'http://id.example.com/revoke' }],
    ['clientId', { clientId: '' }],
    ['clientSecret', { clientSecret: '' }],
    ['clientSecretMethod', { clientSecretMethod: 'client_secret_jwt' }],
    ['timeoutMs', { timeoutMs: 60_000 }],
    ['useDPoP', { useDPoP: true }],
  ])('names a wrong %s at construction [S1-43]', (name, changes) => {
    const options = { tokenEndpoint: 'https://id.example.com/token', clientId: 'app', ...changes }
    // The mistakes of JavaScript callers are what is tested.
    expect(() => Reflect.apply(oauthClient, null, [options])).toThrow(
      expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining(name) }),
    )
  })
})
