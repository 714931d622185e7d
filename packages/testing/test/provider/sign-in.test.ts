import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signInAtProvider, startProvider, type TestProvider } from '../../src/index.ts'
import { codeRequest, exchange, REDIRECT_URI } from './support.ts'

let idp: TestProvider
beforeAll(async () => {
  idp = await startProvider()
})
afterAll(() => idp.close())

describe('discovery', () => {
  it('announces what the BFF uses', async () => {
    const response = await fetch(`${idp.issuer}/.well-known/openid-configuration`)
    expect(await response.json()).toMatchObject({
      issuer: idp.issuer,
      token_endpoint: `${idp.issuer}/token`,
      pushed_authorization_request_endpoint: `${idp.issuer}/request`,
      revocation_endpoint: `${idp.issuer}/token/revocation`,
      end_session_endpoint: `${idp.issuer}/session/end`,
      code_challenge_methods_supported: ['S256'],
      dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']),
      authorization_response_iss_parameter_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      token_endpoint_auth_methods_supported: expect.arrayContaining([
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
        'none',
      ]),
    })
  })
})

describe('signing in', () => {
  it('brings alice back to the app with a code, the state and the issuer', async () => {
    const callback = new URL(await signInAtProvider(codeRequest(idp).url, 'alice'))
    expect(callback.origin + callback.pathname).toBe(REDIRECT_URI)
    expect(callback.searchParams.get('code')).toMatch(/^[\w-]{20,}$/)
    expect(callback.searchParams.get('state')).toBe('the-state')
    expect(callback.searchParams.get('iss')).toBe(idp.issuer)
  })

  it('issues an access token for the API that lives 60 seconds, and claims in the ID token', async () => {
    const request = codeRequest(idp)
    const { status, body } = await exchange(
      idp,
      await signInAtProvider(request.url, 'alice'),
      request.verifier,
    )
    expect(status).toBe(200)
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 60, refresh_token: expect.any(String) })

    const keys = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`))
    const access = await jwtVerify(String(body['access_token']), keys, {
      issuer: idp.issuer,
      audience: 'http://localhost:3002',
      typ: 'at+jwt',
    })
    expect(access.payload).toMatchObject({ sub: 'alice', client_id: 'demo', scope: 'orders' })
    expect(Number(access.payload.exp) - Number(access.payload.iat)).toBe(60)

    const identity = await jwtVerify(String(body['id_token']), keys, { issuer: idp.issuer, audience: 'demo' })
    expect(identity.payload).toMatchObject({
      sub: 'alice',
      name: 'Alice Liddell',
      email: 'alice@example.com',
      preferred_username: 'alice',
      nonce: 'the-nonce',
      sid: expect.any(String),
    })
  })

  it('knows bob by his email address too', async () => {
    const request = codeRequest(idp)
    const { body } = await exchange(
      idp,
      await signInAtProvider(request.url, ' Bob@example.com '),
      request.verifier,
    )
    expect(decodeJwt(String(body['access_token'])).sub).toBe('bob')
  })

  it('answers prompt=none without a session with login_required', async () => {
    const callback = new URL(await signInAtProvider(codeRequest(idp, { prompt: 'none' }).url, 'alice'))
    expect(callback.searchParams.get('error')).toBe('login_required')
  })

  it('asks for no consent even when the app wants it asked', async () => {
    const callback = new URL(await signInAtProvider(codeRequest(idp, { prompt: 'consent' }).url, 'alice'))
    expect(callback.searchParams.get('code')).not.toBeNull()
  })

  it('takes its lives, its audience and its keys from the options', async () => {
    const other = await startProvider({
      apiAudience: 'https://api.example',
      accessTokenLifetime: 7,
      idTokenLifetime: 11,
    })
    try {
      const request = codeRequest(other)
      const { body } = await exchange(other, await signInAtProvider(request.url, 'alice'), request.verifier)
      expect(body['expires_in']).toBe(7)
      expect(decodeJwt(String(body['access_token'])).aud).toBe('https://api.example')
      const identity = decodeJwt(String(body['id_token']))
      expect(Number(identity.exp) - Number(identity.iat)).toBe(11)
      expect(decodeProtectedHeader(String(body['id_token'])).alg).toBe('ES256')
    } finally {
      await other.close()
    }
  })
})
