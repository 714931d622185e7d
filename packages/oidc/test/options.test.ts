import { exportJWK, generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'
import { oidc } from '../src/index.ts'

const GOOD = { issuer: 'https://id.example.com', clientId: 'app', clientSecret: 'kept-by-the-server' }

const withoutSecret = (changes: object) => ({ clientSecret: undefined, ...changes })

/** The mistakes of JavaScript callers are what is tested. */
const construct = (options: unknown) => () => Reflect.apply(oidc, null, [options])

describe('the options of oidc()', () => {
  it.each([
    ['an issuer with a path', { issuer: 'https://id.example.com/realms/main' }],
    ['http://localhost', { issuer: 'http://localhost:3001' }],
    ['http://127.0.0.1', { issuer: 'http://127.0.0.1:3001' }],
    ['http://[::1]', { issuer: 'http://[::1]:3001' }],
  ])('accept %s', (_name, changes) => {
    expect(construct({ ...GOOD, ...changes })).not.toThrow()
  })

  it.each([
    ['issuer', { issuer: undefined }],
    ['issuer', { issuer: 'id.example.com' }],
    ['issuer', { issuer: 'ftp://id.example.com' }],
    ['issuer', { issuer: 'http://id.example.com' }],
    ['issuer', { issuer: 'http://localhost.evil.example.com' }],
    ['issuer', { issuer: 'https://user:pass@id.example.com' }],
    ['issuer', { issuer: 'https://id.example.com/?tenant=1' }],
    ['issuer', { issuer: 'https://id.example.com/#x' }],
    ['issuer is empty. Set it, or its environment variable', { issuer: '' }],
    ['clientId is empty. Set it, or its environment variable', { clientId: '' }],
    [
      'tlsClientAuth and dangerouslyPublicClient are missing. Set one of them, or its environment variable',
      { clientSecret: undefined },
    ],
    ['clientSecret is empty. Set it, or its environment variable', { clientSecret: '' }],
    ['clientSecret must be a text or a function', { clientSecret: 5 }],
    ['clientSecret and dangerouslyPublicClient exclude', { dangerouslyPublicClient: true }],
    ['clientSecretMethod', { clientSecretMethod: 'none' }],
    [
      'clientSecretMethod',
      { clientSecret: undefined, dangerouslyPublicClient: true, clientSecretMethod: 'client_secret_post' },
    ],
    ['dangerouslyPublicClient', { clientSecret: undefined, dangerouslyPublicClient: false }],
    ['privateKeyJwt', { clientSecret: undefined, privateKeyJwt: {} }],
    ['privateKeyJwt', { clientSecret: undefined, privateKeyJwt: { key: { kty: 'EC', crv: 'P-256' } } }],
    ['privateKeyJwt', { clientSecret: undefined, privateKeyJwt: { key: { kty: 'oct', k: 'x', d: 'x' } } }],
    ['option kId of privateKeyJwt', { clientSecret: undefined, privateKeyJwt: { key: {}, kId: 'x' } }],
    ['privateKeyJwt.key.alg', withoutSecret({ privateKeyJwt: { key: { alg: 'HS256', sign: () => {} } } })],
    ['privateKeyJwt.key.sign', withoutSecret({ privateKeyJwt: { key: { alg: 'ES256', sign: 'x' } } })],
    ['clientAssertion', withoutSecret({ clientAssertion: 'a-token' })],
    ['clientSecret and clientAssertion exclude', { clientAssertion: () => 'a-token' }],
    ['tlsClientAuth', withoutSecret({ tlsClientAuth: false, fetch: globalThis.fetch })],
    ['needs fetch', withoutSecret({ tlsClientAuth: true })],
    ['profile', { profile: 'fapi1' }],
    ['scope', { scope: 'profile' }],
    ['par', { par: 'maybe' }],
    ['dpop', { dpop: 'required' }],
    ['idTokenHint', { idTokenHint: 1 }],
    ['signingAlgorithms', { signingAlgorithms: ['HS256'] }],
    ['signingAlgorithms', { signingAlgorithms: ['none'] }],
    ['signingAlgorithms', { signingAlgorithms: [] }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['timeoutMs', { timeoutMs: Number.NaN }],
    ['timeoutMs', { timeoutMs: 60_000 }],
    ['clockToleranceMs', { clockToleranceMs: -1 }],
    ['fetch', { fetch: 'fetch' }],
    ['clock', { clock: {} }],
    ['discoveryCache', { discoveryCache: {} }],
    ['client_secret', { client_secret: 'x' }],
  ])('name a wrong %s at construction (%#)', (name, changes) => {
    expect(construct({ ...GOOD, ...changes })).toThrow(
      expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining(name) }),
    )
  })

  it('refuse no options at all, and never repeat a secret', () => {
    expect(construct(undefined)).toThrow(expect.objectContaining({ code: 'invalid_config' }))
    expect(construct({ ...GOOD, clientSecret: 'kept', dangerouslyPublicClient: true })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('kept') }),
    )
  })

  it('take a private key as CryptoKey or JWK, but no public one', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
    const withKey = (key: unknown) => construct({ ...GOOD, clientSecret: undefined, privateKeyJwt: { key } })
    expect(withKey(privateKey)).not.toThrow()
    const jwk = await exportJWK(privateKey)
    expect(withKey(jwk)).not.toThrow()
    expect(withKey(publicKey)).toThrow(expect.objectContaining({ code: 'invalid_config' }))
    expect(withKey(await exportJWK(publicKey))).toThrow(expect.objectContaining({ code: 'invalid_config' }))
  })
})
