import { startProvider } from '@bff/testing'
import { decodeProtectedHeader, exportJWK, generateKeyPair, type JWK, jwtVerify } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type OidcOptions, oidc } from '../src/index.ts'
import { failureOf } from './support/failure.ts'
import { grantAt } from './support/option-effects.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { json } from './support/scripted-provider.ts'
import { begin, REDIRECT_URI, STATE, TOKENS } from './support/sign-in.ts'

const jwkOf = async (alg: string, options: { modulusLength?: number } = {}): Promise<JWK> =>
  exportJWK((await generateKeyPair(alg, { extractable: true, ...options })).privateKey)

const KEY = { privateKeyJwt: { key: await jwkOf('ES256') } }
const RS256_JWK = { ...(await jwkOf('RS256')), alg: 'RS256' }
const RS256_KEY = (await generateKeyPair('RS256')).privateKey
const ES384_JWK = await jwkOf('ES384')
const PUSHED = { request_uri: 'urn:ietf:params:oauth:request_uri:1', expires_in: 60 }

const providerWith = (options: Partial<OidcOptions> = {}) =>
  oidc({
    issuer: scripted.issuer,
    clock: scripted.clock,
    clientId: 'app',
    profile: 'fapi2',
    ...KEY,
    ...options,
  })

const construct = (options: object) => () =>
  Reflect.apply(oidc, null, [
    { issuer: 'https://id.example.com', clientId: 'app', profile: 'fapi2', ...options },
  ])

describe('profile: fapi2', () => {
  it.each([
    ['a client secret', { clientSecret: 'secret' }, 'privateKeyJwt or tlsClientAuth'],
    ['no authentication', { dangerouslyPublicClient: true }, 'privateKeyJwt or tlsClientAuth'],
    ['an assertion of somebody else', { clientAssertion: () => 'x' }, 'privateKeyJwt or tlsClientAuth'],
    ['requests through the browser', { ...KEY, par: 'never' }, 'par'],
    ['requests that may go through the browser', { ...KEY, par: 'auto' }, 'par'],
    ['tokens that anyone can use', { ...KEY, dpop: false }, 'dpop'],
    ['PKCS #1 v1.5 signatures', { ...KEY, signingAlgorithms: ['PS256', 'RS256'] }, 'signingAlgorithms'],
    ['plain http', { ...KEY, dangerouslyAllowInsecureIssuer: true }, 'https'],
    ['an RS256 key', { privateKeyJwt: { key: RS256_JWK } }, 'privateKeyJwt.key'],
    ['an RS256 CryptoKey', { privateKeyJwt: { key: RS256_KEY } }, 'key'],
    ['an ES384 key', { privateKeyJwt: { key: ES384_JWK } }, 'privateKeyJwt.key'],
    [
      'an RS256 key elsewhere',
      { privateKeyJwt: { key: { alg: 'RS256', sign: () => {} } } },
      'privateKeyJwt.key',
    ],
    [
      'a short RSA key',
      { privateKeyJwt: { key: { kty: 'RSA', n: 'x'.repeat(171), e: 'AQAB', d: 'x' } } },
      '2048',
    ],
  ])('refuses %s at construction', (_what, options, named) => {
    expect(construct(options)).toThrow(
      expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining(named) }),
    )
    expect(construct(options)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('FAPI 2.0') }),
    )
  })

  it('pushes the request, with an assertion for the issuer and the key of the tokens', async () => {
    scripted.metadata['pushed_authorization_request_endpoint'] = `${scripted.issuer}/par`
    scripted.on('/par', json(201, PUSHED))
    const { privateKey, publicKey } = await generateKeyPair('PS256', { extractable: true })
    const { alg: _, ...rsaKey } = await exportJWK(privateKey)
    const { url } = await begin(providerWith({ privateKeyJwt: { key: rsaKey } }))
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'app',
      request_uri: PUSHED.request_uri,
    })
    const [pushed] = scripted.requestsTo('/par')
    expect(pushed?.form.get('dpop_jkt')).toBeTruthy()
    const assertion = String(pushed?.form.get('client_assertion'))
    expect(decodeProtectedHeader(assertion).alg).toBe('PS256')
    const { payload } = await jwtVerify(assertion, publicKey, {
      currentDate: new Date(scripted.clock.now()),
      clockTolerance: 5,
    })
    expect(payload.aud).toBe(scripted.issuer)
  })

  it('never falls back to a request through the browser', async () => {
    expect((await failureOf(begin(providerWith()))).code).toBe('provider_misconfigured')
    scripted.metadata['pushed_authorization_request_endpoint'] = `${scripted.issuer}/par`
    scripted.on('/par', json(404, {}))
    expect((await failureOf(begin(providerWith()))).code).toBe('provider_misconfigured')
  })

  it('refuses a callback without iss, though the metadata promises none', async () => {
    scripted.metadata['pushed_authorization_request_endpoint'] = `${scripted.issuer}/par`
    delete scripted.metadata['authorization_response_iss_parameter_supported']
    scripted.on('/par', json(201, PUSHED))
    const provider = providerWith()
    const { nonce, transaction } = await begin(provider)
    const idToken = await scripted.idToken({ nonce })
    scripted.on('/token', json(200, { ...TOKENS, token_type: 'DPoP', id_token: idToken }))
    const arriving = (iss: Record<string, string>) => {
      const query = new URLSearchParams({ code: 'a-code', state: STATE, ...iss })
      return provider.exchange({ url: `${REDIRECT_URI}?${query}`, state: STATE }, transaction)
    }
    for (const iss of [{}, { iss: 'https://other.example.com' }]) {
      expect((await failureOf(arriving(iss))).code).toBe('login_failed')
    }
    expect(scripted.requestsTo('/token')).toEqual([])
    expect((await arriving({ iss: scripted.issuer })).subject).toBe('alice')
  })

  it('leaves tokens to the certificate when that authenticates the application', async () => {
    scripted.metadata['pushed_authorization_request_endpoint'] = `${scripted.issuer}/par`
    scripted.on('/par', json(201, PUSHED))
    const { privateKeyJwt: _, ...certificate } = {
      ...KEY,
      tlsClientAuth: true as const,
      fetch: globalThis.fetch,
    }
    const base = { issuer: scripted.issuer, clock: scripted.clock, clientId: 'app', ...certificate }
    expect((await begin(oidc({ ...base, profile: 'fapi2' }))).transaction['dpopKeyPair']).toBeNull()
  })

  it('leaves tokens to the certificate that they are bound to, also when a key authenticates the application', async () => {
    scripted.metadata['pushed_authorization_request_endpoint'] = `${scripted.issuer}/par`
    scripted.on('/par', json(201, PUSHED))
    const base = { issuer: scripted.issuer, clock: scripted.clock, clientId: 'app', ...KEY }
    const bound = { certificateBoundTokens: true, fetch: globalThis.fetch }
    expect((await begin(oidc({ ...base, ...bound, profile: 'fapi2' }))).transaction['dpopKeyPair']).toBeNull()
    expect((await begin(oidc({ ...base, profile: 'fapi2' }))).transaction['dpopKeyPair']).not.toBeNull()
    expect(() => oidc({ ...base, ...bound, dpop: false, profile: 'fapi2' })).not.toThrow()
  })

  it('signs in at a real provider', async () => {
    const idp = await startProvider({ backchannelLogoutUri: null })
    onTestFinished(() => idp.close())
    const { clientId, privateKey } = idp.clients.privateKeyJwt
    const grant = await grantAt(idp, { clientId, profile: 'fapi2', privateKeyJwt: { key: privateKey } })
    expect(grant.subject).toBe('alice')
    expect(grant.dpopKeyPair).not.toBeNull()
  })
})
