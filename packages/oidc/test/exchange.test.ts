import type { IdentityProvider, RefusedGrant } from '@bff/core'
import { generateKeyPair, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { failureOf } from './support/failure.ts'
import { scripted } from './support/provider-of-the-test.ts'
import { CLIENT, json, reset, scriptedProvider, text } from './support/scripted-provider.ts'
import { begin, callback, providerFor, STATE, signIn, TOKENS } from './support/sign-in.ts'

/** When the test's clock starts, in seconds. */
const START = Date.UTC(2031, 4, 1) / 1000
const seconds = () => Math.floor(scripted.clock.now() / 1000)

describe('a completed sign-in', () => {
  it('says who and with which tokens, on the injected clock', async () => {
    const grant = await signIn(scripted, providerFor(scripted), {
      claims: { sid: 'sid-1', name: 'Alice', email: 'a@example.com', auth_time: seconds(), at_hash: 'x' },
      answer: { scope: 'openid', refresh_expires_in: 1800 },
    })
    expect(grant).toEqual({
      accessToken: 'access-1',
      expiresIn: 60,
      refreshToken: 'refresh-1',
      refreshTokenExpiresIn: 1800,
      idToken: null,
      scope: 'openid',
      dpopKeyPair: null,
      claims: {
        iss: scripted.issuer,
        sub: 'alice',
        sid: 'sid-1',
        name: 'Alice',
        email: 'a@example.com',
        auth_time: seconds(),
      },
      issuer: scripted.issuer,
      subject: 'alice',
      providerSessionId: 'sid-1',
      sessionState: null,
    })
  })

  it('sends the code with its verifier, authenticated', async () => {
    const provider = providerFor(scripted)
    await signIn(scripted, provider)
    const [request] = scripted.requestsTo('/token')
    expect(Object.fromEntries(request?.form ?? [])).toMatchObject({
      grant_type: 'authorization_code',
      code: 'a-code',
      redirect_uri: 'http://localhost:3000/bff/callback',
    })
    expect(request?.form.get('code_verifier')).toMatch(/^[\w-]{43}$/)
    expect(request?.headers.authorization).toBe(
      `Basic ${btoa(`${CLIENT.clientId}:kept%2Dby%2Dthe%2Dserver`)}`,
    )
  })

  it('takes an unknown granted scope for the one asked for, and absent times for unknown', async () => {
    const grant = await signIn(scripted, providerFor(scripted), {
      answer: { expires_in: undefined, refresh_token: undefined, refresh_expires_in: 0 },
    })
    expect(grant).toMatchObject({
      scope: 'openid profile',
      expiresIn: null,
      refreshToken: null,
      refreshTokenExpiresIn: null,
    })
  })

  it('keeps the id token for the hint alone, and none that a URL cannot hold [LGO-20]', async () => {
    const provider = providerFor(scripted, { idTokenHint: true })
    expect((await signIn(scripted, provider)).idToken).toMatch(/^ey/)
    expect((await signIn(scripted, provider, { claims: { groups: 'g'.repeat(2000) } })).idToken).toBeNull()
  })

  it('keeps session_state', async () => {
    const provider = providerFor(scripted)
    const { nonce, transaction } = await begin(provider)
    scripted.on('/token', json(200, { ...TOKENS, id_token: await scripted.idToken({ nonce }) }))
    const grant = await provider.exchange(callback(scripted, { session_state: 's.1' }), transaction)
    expect(grant.sessionState).toBe('s.1')
  })

  it('finds a new signing key of the provider', async () => {
    const provider = providerFor(scripted)
    await signIn(scripted, provider)
    await scripted.rotateKeys()
    scripted.clock.jump(30_000)
    expect((await signIn(scripted, provider)).subject).toBe('alice')
    expect(scripted.requestsTo('/jwks')).toHaveLength(2)
  })
})

describe('a callback that is refused before the code is sent', () => {
  it.each([
    ['another state', { state: 'stolen' }],
    ['BFF-20 another issuer', { iss: 'https://evil.example.com' }],
    ['an implicit answer', { id_token: 'ey' }],
    ['no code', { code: '' }],
  ])('%s', async (_name, parameters) => {
    const provider = providerFor(scripted)
    const { transaction } = await begin(provider)
    const error = await failureOf(provider.exchange(callback(scripted, parameters), transaction))
    expect(error.code).toBe('login_failed')
    expect(scripted.requestsTo('/token')).toHaveLength(0)
  })

  it.each(['iss', 'state', 'code'])('without %s [BFF-19, BFF-20]', async (name) => {
    const provider = providerFor(scripted)
    const { transaction } = await begin(provider)
    const { url } = callback(scripted)
    const without = new URL(url)
    without.searchParams.delete(name)
    const error = await failureOf(provider.exchange({ url: without.href, state: STATE }, transaction))
    expect(error.code).toBe('login_failed')
    expect(scripted.requestsTo('/token')).toHaveLength(0)
  })

  it('a parameter given twice', async () => {
    const provider = providerFor(scripted)
    const { transaction } = await begin(provider)
    const { url } = callback(scripted)
    const error = await failureOf(provider.exchange({ url: `${url}&code=other`, state: STATE }, transaction))
    expect(error.code).toBe('login_failed')
  })

  it.each([
    ['interaction_required', 'interaction_required'],
    ['<script>alert(1)</script>', 'unknown_error'],
    ['x'.repeat(500), 'unknown_error'],
  ])('names the provider’s error %s as %s and nothing else of it', async (error, named) => {
    const provider = providerFor(scripted)
    const { transaction } = await begin(provider)
    const description = { error, error_description: '<b>Call 555-1234</b>', code: '' }
    const failure = await failureOf(provider.exchange(callback(scripted, description), transaction))
    expect(failure.code).toBe('login_failed')
    expect(failure.message).toContain(`(${named})`)
    expect(failure.message).not.toMatch(/555|</)
  })

  it('tells the operator what the provider said, without control characters and without a token it repeats', async () => {
    const provider = providerFor(scripted)
    const { transaction } = await begin(provider)
    const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2ln'
    const description = { error: 'login_required', error_description: `no\r\n${token}`, code: '' }
    const { cause } = await failureOf(provider.exchange(callback(scripted, description), transaction))
    expect(String(cause)).toContain('(login_required: no\\u000d\\u000a…)')
    expect(String(cause)).not.toContain(token)
  })

  it('a transaction of another provider, or none [BFF-20]', async () => {
    const other = await scriptedProvider()
    try {
      const { transaction } = await begin(providerFor(other))
      const provider = providerFor(scripted)
      for (const strange of [
        transaction,
        {},
        { ...transaction, issuer: scripted.issuer, codeVerifier: null },
      ]) {
        expect((await failureOf(provider.exchange(callback(scripted), strange))).code).toBe('login_failed')
      }
      expect(scripted.requestsTo('/token')).toHaveLength(0)
    } finally {
      await other.close()
    }
  })
})

describe('an id token that is refused', () => {
  it.each([
    ['another nonce', { nonce: 'replayed' }],
    ['no nonce', { nonce: undefined }],
    ['another issuer', { iss: 'https://evil.example.com' }],
    ['another audience', { aud: 'other-app' }],
    ['a further audience and no azp', { aud: [CLIENT.clientId, 'other-app'] }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject of 256 characters', { sub: 's'.repeat(256) }],
    ['a numeric subject', { sub: 7 }],
    ['a subject with a NUL', { sub: 'alice\0' }],
    ['a subject that UTF-8 cannot hold', { sub: 'alice\ud800' }],
    ['an expiry long past', { exp: 1 }],
    ['no expiry', { exp: undefined }],
  ])('with %s', async (_name, claims) => {
    expect((await failureOf(signIn(scripted, providerFor(scripted), { claims }))).code).toBe('login_failed')
  })

  it('because it is not there', async () => {
    const failure = failureOf(signIn(scripted, providerFor(scripted), { answer: { id_token: undefined } }))
    expect((await failure).code).toBe('login_failed')
  })

  it('because it is unsigned, even if the provider says that it does that', async () => {
    scripted.metadata['id_token_signing_alg_values_supported'] = ['none', 'RS256']
    const idToken = async (nonce: string) =>
      new UnsecuredJWT({ nonce, sub: 'alice' })
        .setIssuer(scripted.issuer)
        .setAudience(CLIENT.clientId)
        .setIssuedAt(seconds())
        .setExpirationTime(seconds() + 300)
        .encode()
    expect((await failureOf(signIn(scripted, providerFor(scripted), { idToken }))).code).toBe('login_failed')
  })

  it('because its signature is somebody else’s', async () => {
    const { privateKey } = await generateKeyPair('ES256')
    const idToken = (nonce: string) =>
      scripted.sign(
        {
          iss: scripted.issuer,
          aud: CLIENT.clientId,
          sub: 'alice',
          nonce,
          iat: seconds(),
          exp: seconds() + 300,
        },
        { kid: 'key-of-mallory' },
        privateKey,
      )
    expect((await failureOf(signIn(scripted, providerFor(scripted), { idToken }))).code).toBe('login_failed')
  })

  it('because its algorithm is not among those accepted', async () => {
    const provider = providerFor(scripted, { signingAlgorithms: ['PS256'] })
    expect((await failureOf(signIn(scripted, provider))).code).toBe('login_failed')
  })

  const asking = async (parameters: Record<string, string>, claims: Record<string, unknown>) => {
    const provider = providerFor(scripted)
    const { nonce, transaction } = await begin(provider, parameters)
    scripted.on('/token', json(200, { ...TOKENS, id_token: await scripted.idToken({ nonce, ...claims }) }))
    return provider.exchange(callback(scripted), transaction)
  }

  it.each([
    ['is older than max_age', { max_age: '60' }, { auth_time: START - 3600 }],
    ['does not say when, though max_age was asked for', { max_age: '60' }, {}],
    ['says so in words', { max_age: '60' }, { auth_time: 'now' }],
    ['was not now, though max_age=0 was asked for', { max_age: '0' }, { auth_time: START - 60 }],
    ['was weaker than acr_values', { acr_values: 'mfa' }, { acr: 'pwd' }],
    ['does not say how, though acr_values was asked for', { acr_values: 'mfa' }, {}],
    ['was of a longer name', { acr_values: 'mfa' }, { acr: 'mfa2' }],
    ['was of all names at once', { acr_values: 'pwd mfa' }, { acr: 'pwd mfa' }],
    ['was of a list', { acr_values: 'mfa' }, { acr: ['mfa'] }],
  ])('because the sign-in it tells of %s [CKS-17]', async (_name, parameters, claims) => {
    expect((await failureOf(asking(parameters, claims))).code).toBe('login_failed')
  })

  it('but not when it is as was asked for [CKS-17]', async () => {
    const fresh = await asking({ max_age: '60' }, { auth_time: START - 30 })
    expect(fresh.claims['auth_time']).toBe(START - 30)
    const strong = await asking({ acr_values: 'phr mfa' }, { acr: 'mfa' })
    expect(strong.claims['acr']).toBe('mfa')
  })
})

it.each([
  ['access_denied', 'login_cancelled'],
  ['login_required', 'login_failed'],
  ['invalid_scope', 'provider_misconfigured'],
  ['unauthorized_client', 'provider_misconfigured'],
  ['server_error', 'login_failed'],
])('A callback with the error %s is %s, so that the app can tell who must act', async (error, code) => {
  const provider = providerFor(scripted)
  const { transaction } = await begin(provider)
  const failure = await failureOf(provider.exchange(callback(scripted, { error, code: '' }), transaction))
  expect(failure.code).toBe(code)
})

describe('a token endpoint that fails the sign-in', () => {
  it.each([
    ['400 invalid_grant', json(400, { error: 'invalid_grant' }), 'login_failed'],
    ['401 invalid_client', json(401, { error: 'invalid_client' }), 'provider_misconfigured'],
    [
      '401 invalid_client with a challenge',
      json(401, { error: 'invalid_client' }, { 'www-authenticate': 'Basic realm="id"' }),
      'provider_misconfigured',
    ],
    ['400 unauthorized_client', json(400, { error: 'unauthorized_client' }), 'provider_misconfigured'],
    ['429', json(429, { error: 'slow_down' }), 'provider_unavailable'],
    ['500', json(500, { error: 'server_error' }), 'provider_unavailable'],
    ['200 with HTML', text(200, 'text/html', '<h1>hello</h1>'), 'provider_unavailable'],
    [
      'a redirect',
      text(307, 'text/plain', '', { location: 'https://evil.example.com/' }),
      'provider_unavailable',
    ],
    ['a dropped connection', reset, 'provider_unavailable'],
  ])('%s', async (_name, answer, code) => {
    const provider = providerFor(scripted)
    const { transaction } = await begin(provider)
    scripted.on('/token', answer)
    expect((await failureOf(provider.exchange(callback(scripted), transaction))).code).toBe(code)
  })

  it('keys that cannot be fetched', async () => {
    scripted.on('/jwks', text(500, 'text/plain', 'sorry'))
    expect((await failureOf(signIn(scripted, providerFor(scripted)))).code).toBe('provider_unavailable')
  })
})

describe('DPoP at sign-in', () => {
  it('discards a Bearer token where DPoP was asked for, and the reverse [DPO-07]', async () => {
    const bearer = await failureOf(signIn(scripted, providerFor(scripted, { dpop: true })))
    expect(bearer.code).toBe('provider_misconfigured')
    const bound = await failureOf(signIn(scripted, providerFor(scripted), { answer: { token_type: 'DPoP' } }))
    expect(bound.code).toBe('provider_misconfigured')
  })

  it('takes the token type in any case [DPO-07]', async () => {
    const grant = await signIn(scripted, providerFor(scripted, { dpop: true }), {
      answer: { token_type: 'dPoP' },
    })
    expect(grant.dpopKeyPair).not.toBeNull()
  })
})

describe('the tokens of a sign-in refused after they were issued', () => {
  const refusedBy = async (provider: IdentityProvider, parameters = {}, claims = {}) => {
    const { nonce, transaction } = await begin(provider, parameters)
    scripted.on('/token', json(200, { ...TOKENS, id_token: await scripted.idToken({ nonce, ...claims }) }))
    const refused: RefusedGrant[] = []
    const onRefused = (grant: RefusedGrant) => refused.push(grant)
    await failureOf(provider.exchange({ ...callback(scripted), onRefused }, transaction))
    return refused
  }

  it('are handed back when they are not bound to our key [DPO-07]', async () => {
    expect(await refusedBy(providerFor(scripted, { dpop: true }))).toEqual([
      {
        refreshToken: 'refresh-1',
        dpopKeyPair: expect.objectContaining({ thumbprint: expect.any(String) }),
        issuer: scripted.issuer,
        subject: 'alice',
      },
    ])
  })

  it('are handed back when the sign-in was weaker than asked for [CKS-17]', async () => {
    expect(await refusedBy(providerFor(scripted), { acr_values: 'mfa' }, { acr: 'pwd' })).toEqual([
      { refreshToken: 'refresh-1', dpopKeyPair: null, issuer: scripted.issuer, subject: 'alice' },
    ])
  })
})
