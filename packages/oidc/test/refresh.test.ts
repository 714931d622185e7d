import type { RefreshRequest } from '@bff/core'
import { generateDpopKeyPair } from '@bff/core/dpop'
import { decodeJwt, decodeProtectedHeader, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { failureOf } from './support/failure.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { bare, json, text } from './support/scripted-provider.ts'
import { providerFor, refreshRequest, TOKENS } from './support/sign-in.ts'

const request = (changes: Partial<RefreshRequest> = {}) =>
  refreshRequest({ issuer: scripted.issuer, scope: 'openid profile', ...changes })

describe('a refresh', () => {
  it('sends the refresh token, authenticated, and reads the answer', async () => {
    scripted.on('/token', json(200, { ...TOKENS, scope: 'openid' }))
    expect(await providerFor(scripted).refresh(request())).toEqual({
      accessToken: 'access-1',
      expiresIn: 60,
      refreshToken: 'refresh-1',
      refreshTokenExpiresIn: null,
      idToken: null,
      scope: 'openid',
      dpopKeyPair: null,
      claims: null,
    })
    const [sent] = scripted.requestsTo('/token')
    expect(Object.fromEntries(sent?.form ?? [])).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-0',
    })
    expect(sent?.headers.authorization).toMatch(/^Basic /)
    expect(sent?.headers['dpop']).toBeUndefined()
  })

  it('no refresh token and no scope in the answer mean: as before [RFT-01]', async () => {
    scripted.on('/token', json(200, { access_token: 'access-1', token_type: 'bearer' }))
    expect(await providerFor(scripted).refresh(request())).toMatchObject({ refreshToken: null, scope: null })
  })

  it('hands the core the claims of a new id token, without a nonce [RFT-14]', async () => {
    const id_token = await scripted.idToken({ sub: 'mallory', name: 'Mallory' })
    scripted.on('/token', json(200, { ...TOKENS, id_token }))
    const { claims } = await providerFor(scripted).refresh(request())
    expect(claims).toEqual({ iss: scripted.issuer, sub: 'mallory', name: 'Mallory' })
  })

  it.each([
    ['another issuer', { iss: 'https://evil.example.com' }],
    ['another audience', { aud: 'other-app' }],
    ['an expiry long past', { exp: 1 }],
  ])('takes no tokens that come with an id token of %s, and ends nothing [RFT-14]', async (_name, claims) => {
    scripted.on('/token', json(200, { ...TOKENS, id_token: await scripted.idToken(claims) }))
    expect((await failureOf(providerFor(scripted).refresh(request()))).code).toBe('provider_unavailable')
  })

  it('takes no unsigned id token [RFT-14]', async () => {
    const seconds = Math.floor(scripted.clock.now() / 1000)
    const id_token = new UnsecuredJWT({ sub: 'alice', iss: scripted.issuer, aud: 'app' })
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + 60)
      .encode()
    scripted.on('/token', json(200, { ...TOKENS, id_token }))
    expect((await failureOf(providerFor(scripted).refresh(request()))).code).toBe('provider_unavailable')
  })

  it('sends no refresh token to an issuer that did not issue it', async () => {
    const error = await failureOf(
      providerFor(scripted).refresh(request({ issuer: 'https://old.example.com' })),
    )
    expect(error.code).toBe('provider_misconfigured')
    expect(scripted.requestsTo('/token')).toHaveLength(0)
  })
})

describe('a refused refresh', () => {
  const challenge = { 'www-authenticate': 'Basic realm="id"' }
  it.each([
    ['RFT-07 400 invalid_grant', json(400, { error: 'invalid_grant' }), 'refresh_rejected'],
    ['RFT-07 401 invalid_grant', json(401, { error: 'invalid_grant' }), 'refresh_rejected'],
    [
      'RFT-07 401 invalid_grant with a challenge',
      json(401, { error: 'invalid_grant' }, challenge),
      'refresh_rejected',
    ],
    ['RFT-07 403 invalid_grant, as Auth0 answers', json(403, { error: 'invalid_grant' }), 'refresh_rejected'],
    ['RFT-07 404 invalid_grant', json(404, { error: 'invalid_grant' }), 'refresh_rejected'],
    ['RFT-07 410 invalid_grant', json(410, { error: 'invalid_grant' }), 'refresh_rejected'],
    ['RFT-07 422 invalid_grant', json(422, { error: 'invalid_grant' }), 'refresh_rejected'],
    ['RFT-08 408 invalid_grant', json(408, { error: 'invalid_grant' }), 'provider_unavailable'],
    ['RFT-08 425 invalid_grant', json(425, { error: 'invalid_grant' }), 'provider_unavailable'],
    ['RFT-08 429 invalid_grant', json(429, { error: 'invalid_grant' }), 'provider_unavailable'],
    ['RFT-07 500 invalid_grant', json(500, { error: 'invalid_grant' }), 'provider_unavailable'],
    ['RFT-07 200 invalid_grant', json(200, { error: 'invalid_grant' }), 'provider_unavailable'],
    [
      'RFT-07 invalid_grant as plain text',
      text(400, 'text/plain', '{"error":"invalid_grant"}'),
      'refresh_rejected',
    ],
    [
      'RFT-07 invalid_grant as problem+json',
      text(400, 'application/problem+json', '{"error":"invalid_grant"}'),
      'refresh_rejected',
    ],
    [
      'RFT-07 invalid_grant with two media types',
      text(403, 'application/json, text/html', '{"error":"invalid_grant"}'),
      'refresh_rejected',
    ],
    ['RFT-07 invalid_grant without a media type', bare(400, '{"error":"invalid_grant"}'), 'refresh_rejected'],
    [
      'RFT-07 invalid_grant with a byte order mark',
      bare(400, '\ufeff{"error":"invalid_grant"}'),
      'refresh_rejected',
    ],
    [
      'RFT-07 200 bad_refresh_token, as GitHub answers',
      json(200, { error: 'bad_refresh_token', error_description: 'It is expired.' }),
      'refresh_rejected',
    ],
    [
      'RFT-08 403 in HTML, as a firewall answers',
      text(403, 'text/html', '<h1>Blocked</h1>'),
      'provider_unavailable',
    ],
    ['RFT-08 403 without a body', bare(403, ''), 'provider_unavailable'],
    ['RFT-08 403 in JSON without error', json(403, { message: 'Forbidden' }), 'provider_unavailable'],
    ['RFT-08 400 invalid_scope', json(400, { error: 'invalid_scope' }), 'provider_misconfigured'],
    ['RFT-08 403 invalid_client', json(403, { error: 'invalid_client' }), 'provider_misconfigured'],
    ['RFT-08 403 unauthorized_client', json(403, { error: 'unauthorized_client' }), 'provider_misconfigured'],
    [
      'RFT-08 400 unsupported_grant_type',
      json(400, { error: 'unsupported_grant_type' }),
      'provider_misconfigured',
    ],
    ['RFT-08 400 slow_down', json(400, { error: 'slow_down' }), 'provider_unavailable'],
    ['RFT-08 400 invalid_dpop_proof', json(400, { error: 'invalid_dpop_proof' }), 'provider_unavailable'],
    ['RFT-07 invalid_grant in HTML', text(400, 'text/html', 'invalid_grant'), 'provider_unavailable'],
    ['RFT-07 invalid_grant in an array', json(400, [{ error: 'invalid_grant' }]), 'provider_unavailable'],
    ['RFT-07 invalid_grant in a list', json(400, { error: ['invalid_grant'] }), 'provider_unavailable'],
    [
      'RFT-07 invalid_grant in broken JSON',
      text(400, 'application/json', '{"error":"invalid_grant"'),
      'provider_unavailable',
    ],
    ['RFT-08 400 invalid_client', json(400, { error: 'invalid_client' }), 'provider_misconfigured'],
    [
      'RFT-08 401 invalid_client',
      json(401, { error: 'invalid_client' }, challenge),
      'provider_misconfigured',
    ],
    ['RFT-08 400 unauthorized_client', json(400, { error: 'unauthorized_client' }), 'provider_misconfigured'],
    [
      'RFT-08 400 temporarily_unavailable',
      json(400, { error: 'temporarily_unavailable' }),
      'provider_unavailable',
    ],
    ['RFT-08 400 invalid_request', json(400, { error: 'invalid_request' }), 'provider_unavailable'],
    ['RFT-08 400 an unknown error', json(400, { error: 'quota_exceeded' }), 'provider_unavailable'],
    ['RFT-08 404', text(404, 'text/plain', 'nothing here'), 'provider_unavailable'],
    ['RFT-08 200 without a token', json(200, { token_type: 'Bearer' }), 'provider_unavailable'],
  ])('%s', async (_name, answer, code) => {
    scripted.on('/token', answer)
    expect((await failureOf(providerFor(scripted).refresh(request()))).code).toBe(code)
  })

  it.each([
    ...['interaction_required', 'login_required', 'consent_required', 'account_selection_required'],
    ...['access_denied', 'invalid_token', 'token_inactive', 'bad_refresh_token', 'mfa_required'],
    ...['unmet_authentication_requirements', 'insufficient_user_authentication'],
  ])('%s means that the user must sign in again, whatever the status [RFT-07]', async (error) => {
    for (const status of [400, 401, 403]) {
      // Entra names the reason in suberror, and the user must sign in again whatever it is.
      scripted.on('/token', json(status, { error, suberror: 'basic_action', error_codes: [50076] }))
      expect((await failureOf(providerFor(scripted).refresh(request()))).code).toBe('refresh_rejected')
    }
  })

  it('A failure’s cause names the status and the code the provider answered with', async () => {
    scripted.on('/token', json(403, { error: 'invalid_grant' }))
    expect(String((await failureOf(providerFor(scripted).refresh(request()))).cause)).toContain(
      'HTTP 403 invalid_grant',
    )
    scripted.on('/token', text(403, 'text/html', '<h1>Blocked</h1>'))
    expect(String((await failureOf(providerFor(scripted).refresh(request()))).cause)).toContain('HTTP 403')
  })

  it.each([
    ['17', 17],
    [' 17', 17],
    ['99999999', 3600],
    ['-3', null],
    ['soon', null],
    ['0', 0],
  ])('429 with Retry-After %j waits %s seconds [RFT-08]', async (value, seconds) => {
    scripted.on('/token', text(429, 'text/html', 'slow down', { 'retry-after': value }))
    expect(await failureOf(providerFor(scripted).refresh(request()))).toMatchObject({
      code: 'provider_unavailable',
      retryAfter: seconds,
    })
  })

  it('503 with a Retry-After date [RFT-08]', async () => {
    const date = new Date(scripted.clock.now() + 90_000).toUTCString()
    scripted.on('/token', json(503, {}, { 'retry-after': date }))
    expect((await failureOf(providerFor(scripted).refresh(request()))).retryAfter).toBe(90)
  })

  it('tells operators why, and no token to anybody [LOG-01]', async () => {
    const secrets = { access_token: 'access-secret', refresh_token: 'refresh-secret' }
    const answers = [
      json(200, { ...secrets, token_type: 'mac' }),
      json(200, { ...secrets, token_type: 'Bearer', refresh_token: ['refresh-secret'] }),
      text(200, 'application/json', 'access-secret'),
      json(400, { error: 'invalid_grant', error_description: 'refresh-secret' }),
      json(200, { ...secrets, token_type: 'Bearer', id_token: 'access-secret.x.y' }),
    ]
    for (const answer of answers) {
      scripted.on('/token', answer)
      const error = await failureOf(
        providerFor(scripted).refresh(request({ refreshToken: 'refresh-secret' })),
      )
      expect(error.cause).toBeInstanceOf(Error)
      expect(everythingIn(error)).not.toMatch(/secret/)
      expect(String(error.cause)).toMatch(/OAUTH_/)
    }
  })
})

describe('DPoP at refresh', () => {
  const proofs = () => scripted.requestsTo('/token').map((sent) => String(sent.headers['dpop']))

  it('proves the session’s key, whatever new sign-ins do [DPO-01, DPO-05, DPO-13]', async () => {
    const dpopKeyPair = await generateDpopKeyPair()
    scripted.on('/token', json(200, { ...TOKENS, token_type: 'DPoP' }))
    const tokens = await providerFor(scripted).refresh(request({ dpopKeyPair }))
    expect(tokens.dpopKeyPair).toBe(dpopKeyPair)
    const [proof = ''] = proofs()
    expect(decodeProtectedHeader(proof)).toMatchObject({ typ: 'dpop+jwt', jwk: dpopKeyPair.publicJwk })
    expect(decodeJwt(proof)).toMatchObject({
      htm: 'POST',
      htu: `${scripted.issuer}/token`,
      iat: Math.floor(scripted.clock.now() / 1000),
    })
    expect(decodeJwt(proof)).not.toHaveProperty('ath')
  })

  it('discards a Bearer answer [DPO-07]', async () => {
    scripted.on('/token', json(200, TOKENS))
    const dpopKeyPair = await generateDpopKeyPair()
    const error = await failureOf(providerFor(scripted).refresh(request({ dpopKeyPair })))
    expect(error.code).toBe('provider_misconfigured')
  })

  it('answers a nonce challenge once; the newest nonce wins, for every key [DPO-02, DPO-08, DPO-10]', async () => {
    const bound = { ...TOKENS, token_type: 'DPoP' }
    scripted.on(
      '/token',
      json(400, { error: 'use_dpop_nonce' }, { 'dpop-nonce': 'n-1' }),
      json(200, bound, { 'dpop-nonce': 'n-2' }),
      json(500, {}, { 'dpop-nonce': 'n-3' }),
      json(200, bound),
    )
    const provider = providerFor(scripted)
    await provider.refresh(request({ dpopKeyPair: await generateDpopKeyPair() }))
    const another = request({ dpopKeyPair: await generateDpopKeyPair() })
    await failureOf(provider.refresh(another))
    await provider.refresh(another)
    expect(proofs().map((proof) => decodeJwt(proof)['nonce'])).toEqual([undefined, 'n-1', 'n-2', 'n-3'])
    expect(new Set(proofs().map((proof) => decodeJwt(proof).jti)).size).toBe(4)
  })

  it('gives up after one retry, and does not retry without a nonce [DPO-08]', async () => {
    const dpopKeyPair = await generateDpopKeyPair()
    scripted.on('/token', json(400, { error: 'use_dpop_nonce' }, { 'dpop-nonce': 'n' }))
    expect((await failureOf(providerFor(scripted).refresh(request({ dpopKeyPair })))).code).toBe(
      'provider_unavailable',
    )
    expect(scripted.requestsTo('/token')).toHaveLength(2)
    scripted.on('/token', json(400, { error: 'use_dpop_nonce' }))
    await failureOf(providerFor(scripted).refresh(request({ dpopKeyPair })))
    expect(scripted.requestsTo('/token')).toHaveLength(3)
  })

  it('a challenge to a session without a key is no reason to retry [DPO-08]', async () => {
    scripted.on('/token', json(400, { error: 'use_dpop_nonce' }, { 'dpop-nonce': 'n' }))
    await failureOf(providerFor(scripted).refresh(request()))
    expect(scripted.requestsTo('/token')).toHaveLength(1)
  })
})

/** All text reachable from an error, its causes and hidden members included. */
function everythingIn(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (seen.has(value)) return ''
  seen.add(value)
  return Reflect.ownKeys(value)
    .map((key) => everythingIn(Reflect.get(value, key), seen))
    .join(' ')
}
