import { generateDpopKeyPair } from '@bff/core/dpop'
import { generateKeyPair, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { failureOf } from './support/failure.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { CLIENT, hang, json, text } from './support/scripted-provider.ts'
import { providerFor } from './support/sign-in.ts'

const END = {
  issuer: null,
  idToken: null,
  postLogoutRedirectUri: 'http://localhost:3000/bff/logout/callback',
  state: 'back',
  subject: 'alice',
}

describe('the sign-out URL', () => {
  it('names the client, the way back, the state and the user, and holds no token [LGO-16]', async () => {
    const url = new URL((await providerFor(scripted).endSessionUrl({ ...END, idToken: 'ey.id.token' })) ?? '')
    expect(url.origin + url.pathname).toBe(`${scripted.issuer}/logout`)
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: CLIENT.clientId,
      post_logout_redirect_uri: END.postLogoutRedirectUri,
      state: 'back',
      logout_hint: 'alice',
    })
  })

  it('leaves out what is not known', async () => {
    const url = await providerFor(scripted).endSessionUrl({ ...END, state: null, subject: null })
    expect([...new URL(url ?? '').searchParams.keys()]).toEqual(['client_id', 'post_logout_redirect_uri'])
  })

  it('is null where the provider has no such place', async () => {
    delete scripted.metadata['end_session_endpoint']
    expect(await providerFor(scripted).endSessionUrl(END)).toBeNull()
  })

  it('keeps the query that the endpoint has of its own', async () => {
    scripted.metadata['end_session_endpoint'] = `${scripted.issuer}/logout?tenant=7`
    expect(await providerFor(scripted).endSessionUrl(END)).toContain('/logout?tenant=7&client_id=app')
  })

  it.each([
    [1500, true],
    [2000, false],
  ])('with idTokenHint, an id token of %i characters is sent: %s [LGO-20]', async (length, isSent) => {
    const url = await providerFor(scripted, { idTokenHint: true }).endSessionUrl({
      ...END,
      idToken: 'x'.repeat(length),
    })
    const query = new URL(url ?? '').searchParams
    expect(query.has('id_token_hint')).toBe(isSent)
    expect(query.has('logout_hint'), 'one hint, never two').toBe(!isSent)
    expect(url?.length).toBeLessThanOrEqual(2048)
  })

  it('is waited for 3 seconds at most [LGO-17]', async () => {
    scripted.on('/.well-known/openid-configuration', hang)
    const failure = failureOf(providerFor(scripted).endSessionUrl(END))
    await scripted.received('/.well-known/openid-configuration')
    scripted.clock.jump(3_000)
    expect((await failure).code).toBe('provider_unavailable')
  })
})

describe('revocation', () => {
  const REVOCATION = { issuer: null, token: 'refresh-1', hint: 'refresh_token', dpopKeyPair: null } as const

  it('sends the token and its kind, authenticated [LGO-15]', async () => {
    scripted.on('/revoke', text(200, 'text/plain', ''))
    await providerFor(scripted).revoke(REVOCATION)
    const [sent] = scripted.requestsTo('/revoke')
    expect(Object.fromEntries(sent?.form ?? [])).toEqual({
      token: 'refresh-1',
      token_type_hint: 'refresh_token',
    })
    expect(sent?.headers.authorization).toMatch(/^Basic /)
  })

  it('resolves where the provider has no endpoint for it', async () => {
    delete scripted.metadata['revocation_endpoint']
    await providerFor(scripted).revoke(REVOCATION)
    expect(scripted.requestsTo('/revoke')).toHaveLength(0)
  })

  it.each([
    ['500', json(500, {}), 'provider_unavailable'],
    ['HTML with 404', text(404, 'text/html', '<h1>404</h1>'), 'provider_unavailable'],
    ['unsupported_token_type', json(400, { error: 'unsupported_token_type' }), 'provider_misconfigured'],
    ['403 unauthorized_client', json(403, { error: 'unauthorized_client' }), 'provider_misconfigured'],
    ['429', json(429, { error: 'slow_down' }), 'provider_unavailable'],
    ['invalid_client', json(401, { error: 'invalid_client' }), 'provider_misconfigured'],
  ])('fails on %s', async (_name, answer, code) => {
    scripted.on('/revoke', answer)
    expect((await failureOf(providerFor(scripted).revoke(REVOCATION))).code).toBe(code)
  })

  it.each(['invalid_token', 'invalid_grant'])(
    'is done when the provider says %s: the token was over already',
    async (error) => {
      scripted.on('/revoke', json(400, { error }))
      await expect(providerFor(scripted).revoke(REVOCATION)).resolves.toBeUndefined()
    },
  )

  it('is waited for 3 seconds at most [LGO-17]', async () => {
    scripted.on('/revoke', hang)
    const failure = failureOf(providerFor(scripted).revoke(REVOCATION))
    await scripted.received('/revoke')
    scripted.clock.jump(3_000)
    expect((await failure).code).toBe('provider_unavailable')
  })

  it('answers a nonce challenge [DPO-12]', async () => {
    scripted.on(
      '/revoke',
      json(400, { error: 'use_dpop_nonce' }, { 'dpop-nonce': 'n-1' }),
      text(200, 'text/plain', ''),
    )
    await providerFor(scripted).revoke({ ...REVOCATION, dpopKeyPair: await generateDpopKeyPair() })
    expect(scripted.requestsTo('/revoke')).toHaveLength(2)
  })
})

describe('a logout token', () => {
  const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
  const seconds = () => Math.floor(scripted.clock.now() / 1000)
  const claims = (changes: Record<string, unknown> = {}) => ({
    iss: scripted.issuer,
    aud: CLIENT.clientId,
    iat: seconds(),
    exp: seconds() + 120,
    jti: 'jti-1',
    sub: 'alice',
    sid: 'sid-1',
    events: { [EVENT]: {} },
    ...changes,
  })
  const typ = 'logout+jwt'
  const refusal = async (jwt: string) => (await failureOf(providerFor(scripted).verifyLogoutToken(jwt))).code

  it('to LGO-08 is read when it is in order [LGO-03]', async () => {
    expect(await providerFor(scripted).verifyLogoutToken(await scripted.sign(claims(), { typ }))).toEqual({
      issuer: scripted.issuer,
      subject: 'alice',
      providerSessionId: 'sid-1',
      jti: 'jti-1',
      issuedAt: seconds(),
      expiresAt: seconds() + 120,
    })
  })

  it.each([
    ['LGO-04 a list of audiences', { aud: ['other', CLIENT.clientId] }],
    ['LGO-05 sub alone', { sid: undefined }],
    ['LGO-05 sid alone', { sub: undefined }],
    ['LGO-06 further events, and members of the event', { events: { [EVENT]: { more: 1 }, other: true } }],
    ['LGO-04 a clock that is 20 seconds ahead', { iat: Math.floor(Date.UTC(2031, 4, 1) / 1000) + 20 }],
  ])('%s is accepted', async (_name, changes) => {
    const jwt = await scripted.sign(claims(changes), { typ })
    expect((await providerFor(scripted).verifyLogoutToken(jwt)).jti).toBe('jti-1')
  })

  it.each([
    ['LGO-04 another issuer', { iss: 'https://evil.example.com' }],
    ['LGO-04 another audience', { aud: 'other-app' }],
    ['LGO-04 no audience', { aud: undefined }],
    ['LGO-04 no iat', { iat: undefined }],
    ['LGO-04 iat as text', { iat: 'now' }],
    ['LGO-04 iat in the future', { iat: Math.floor(Date.UTC(2031, 4, 1) / 1000) + 300 }],
    ['LGO-04 no exp', { exp: undefined }],
    ['LGO-04 an exp long past', { exp: 1 }],
    ['no jti', { jti: undefined }],
    ['an empty jti', { jti: '' }],
    ['a numeric jti', { jti: 7 }],
    ['LGO-05 neither sub nor sid', { sub: undefined, sid: undefined }],
    ['LGO-05 a numeric sub', { sub: 7 }],
    ['LGO-05 an empty sid', { sid: '' }],
    ['LGO-05 a null sid', { sid: null }],
    ['LGO-06 no events', { events: undefined }],
    ['LGO-06 events as text', { events: EVENT }],
    ['LGO-06 events as a list', { events: [EVENT] }],
    ['LGO-06 another event', { events: { 'https://example.com/other': {} } }],
    ['LGO-06 an event that is no object', { events: { [EVENT]: true } }],
    ['LGO-06 an event that is a list', { events: { [EVENT]: [] } }],
    ['LGO-07 a nonce', { nonce: 'n' }],
    ['LGO-07 an empty nonce', { nonce: '' }],
    ['LGO-07 a null nonce', { nonce: null }],
  ])('%s is refused', async (_name, changes) => {
    expect(await refusal(await scripted.sign(claims(changes), { typ }))).toBe('bad_request')
  })

  it.each(['JWT', 'at+jwt', 'secevent+jwt', undefined])('of type %s is refused [LGO-08]', async (other) => {
    expect(await refusal(await scripted.sign(claims(), other === undefined ? {} : { typ: other }))).toBe(
      'bad_request',
    )
  })

  it('an id token is refused [LGO-08]', async () => {
    expect(await refusal(await scripted.idToken({ nonce: 'n' }))).toBe('bad_request')
  })

  it('unsigned, signed with the client secret, or by somebody else, it is refused [LGO-03]', async () => {
    expect(await refusal(new UnsecuredJWT(claims()).encode())).toBe('bad_request')
    const secret = await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(CLIENT.clientSecret),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    )
    expect(await refusal(await scripted.sign(claims(), { typ, alg: 'HS256' }, secret))).toBe('bad_request')
    const { privateKey } = await generateKeyPair('ES256')
    expect(await refusal(await scripted.sign(claims(), { typ }, privateKey))).toBe('bad_request')
    const other = await generateKeyPair('PS256')
    expect(await refusal(await scripted.sign(claims(), { typ, alg: 'PS256' }, other.privateKey))).toBe(
      'bad_request',
    )
  })

  it.each(['', 'x', 'a.b.c', 'a.b.c.d.e', '🦊.🦊.🦊', `${'a'.repeat(100_000)}.b.c`])(
    'garbage is refused (%#)',
    async (jwt) => {
      expect(await refusal(jwt)).toBe('bad_request')
    },
  )

  it('looks for unknown keys again, but no more than every 30 seconds', async () => {
    const provider = providerFor(scripted)
    const old = await scripted.sign(claims(), { typ })
    await provider.verifyLogoutToken(old)
    await scripted.rotateKeys()
    const fresh = await scripted.sign(claims(), { typ })
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect((await failureOf(provider.verifyLogoutToken(fresh))).code).toBe('bad_request')
    }
    expect(scripted.requestsTo('/jwks')).toHaveLength(1)
    scripted.clock.jump(30_000)
    expect((await provider.verifyLogoutToken(fresh)).jti).toBe('jti-1')
    expect(scripted.requestsTo('/jwks')).toHaveLength(2)
  })

  it('cannot be judged while the keys cannot be fetched', async () => {
    const jwt = await scripted.sign(claims(), { typ })
    for (const answer of [
      text(500, 'text/plain', ''),
      json(200, { keys: 'none' }),
      text(200, 'text/html', '<p>'),
    ]) {
      scripted.on('/jwks', answer)
      expect(await refusal(jwt)).toBe('provider_unavailable')
    }
  })
})
