import { decodeJwt, decodeProtectedHeader, importJWK, type JWK, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { generateDpopKeyPair } from '../../src/dpop/index.ts'
import { BffError, type Session } from '../../src/index.ts'
import type { ProxyRoute, UpstreamResponse } from '../../src/proxy/index.ts'
import { API, chunksOf, fakeSession, setUp, textOf, tokensOf, valuesOf } from './support.ts'

const keyPair = await generateDpopKeyPair()
const dpopTokens = (accessToken: string) => tokensOf(accessToken, keyPair)

const REFUSED: Partial<UpstreamResponse> = {
  status: 401,
  headers: [['www-authenticate', 'Bearer error="invalid_token"']],
}
const challenge = (nonce: string, status = 401): Partial<UpstreamResponse> => ({
  status,
  headers: [
    ['www-authenticate', 'Basic realm="a, b", DPoP realm="x", error="use_dpop_nonce", algs="ES256"'],
    ['dpop-nonce', nonce],
  ],
})

/** Answers in turn; the last one again and again. */
function inTurn(...answers: Array<Partial<UpstreamResponse>>) {
  let at = 0
  return () => answers[Math.min(at++, answers.length - 1)] ?? {}
}

/** A proxy whose sessions can be renewed to the given tokens. */
function renewable(
  answers: Array<Partial<UpstreamResponse>>,
  next: Session | null | (() => never) = fakeSession({ tokens: tokensOf('at-2') }),
  route: Partial<ProxyRoute> = {},
) {
  const renewals: string[] = []
  const set = setUp(route, inTurn(...answers), {
    tokens: {
      async replaceRefused(refused) {
        renewals.push((await refused.tokens())?.accessToken ?? '')
        return typeof next === 'function' ? next() : next
      },
    },
  })
  const authorizations = () => set.upstream.sent.map(({ headers }) => new Map(headers).get('authorization'))
  const proofs = () => set.upstream.sent.map(({ headers }) => valuesOf(headers, 'dpop'))
  const nonces = () => proofs().map(([proof]) => decodeJwt(proof ?? '')['nonce'])
  return { ...set, renewals, authorizations, proofs, nonces }
}

describe('which token goes upstream [S1-17, S1-36, S1-37]', () => {
  it('user: the session’s access token', async () => {
    const { upstream, call } = setUp()
    await call('/api/x')
    expect(new Map(upstream.only.headers).get('authorization')).toBe('Bearer at-1')
  })

  it('user: no session, and no access token, are refused', async () => {
    const { upstream, events, call } = setUp()
    await expect(call('/api/x', {}, null)).rejects.toMatchObject({ code: 'no_session', status: 401 })
    await expect(call('/api/x', {}, fakeSession({ tokens: null }))).rejects.toMatchObject({
      code: 'token_expired',
    })
    expect(upstream.sent).toEqual([])
    expect(events).toMatchObject([
      { type: 'proxy.denied', code: 'no_session' },
      { type: 'proxy.denied', code: 'token_expired' },
    ])
  })

  it('user-or-none: with a token when there is one', async () => {
    const { upstream, events, call } = setUp({ token: 'user-or-none' })
    await call('/api/x', {}, null)
    await call('/api/x', {}, fakeSession({ tokens: null }))
    await call('/api/x', {}, fakeSession())
    expect(upstream.sent.map(({ headers }) => new Map(headers).get('authorization'))).toEqual([
      undefined,
      undefined,
      'Bearer at-1',
    ])
    expect(events).toEqual([])
  })

  it('none: never, and the tokens are not even opened', async () => {
    const { upstream, call } = setUp({ token: 'none' })
    const tokens = async () => {
      throw new Error('Tokens were opened.')
    }
    await call('/api/x', {}, fakeSession({ tokens }))
    expect(new Map(upstream.only.headers).has('authorization')).toBe(false)
  })

  it.each(['token_expired', 'refresh_rejected', 'provider_unavailable', 'seal_broken'] as const)(
    'what opening the tokens throws reaches the caller: %s, on every kind of route',
    async (code) => {
      for (const token of ['user', 'user-or-none'] as const) {
        const { upstream, call } = setUp({ token })
        const tokens = async () => {
          throw new BffError(code)
        }
        await expect(call('/api/x', {}, fakeSession({ tokens }))).rejects.toMatchObject({ code })
        expect(upstream.sent).toEqual([])
      }
    },
  )

  it('a token no header can carry is refused without showing it [LOG-01]', async () => {
    const { upstream, events, call } = setUp()
    const error = await call('/api/x', {}, fakeSession({ tokens: tokensOf('se\r\ncret') })).catch(
      (thrown) => thrown,
    )
    expect(error).toMatchObject({ code: 'token_expired' })
    expect(`${error.stack}${error.cause}${JSON.stringify(events)}`).not.toContain('cret')
    expect(upstream.sent).toEqual([])
  })
})

describe('DPoP', () => {
  it('to DPO-07 sends the token with one proof of its own [DPO-03]', async () => {
    const { upstream, clock, call } = setUp({ target: `${API}/v1` })
    await call(
      '/api/caf%C3%A9/%7e?q=1',
      {
        method: 'PATCH',
        headers: [
          ['dpop', 'evil'],
          ['authorization', 'DPoP evil'],
        ],
      },
      fakeSession({ tokens: dpopTokens('at-1') }),
    )
    const { headers } = upstream.only
    expect(valuesOf(headers, 'authorization')).toEqual(['DPoP at-1'])
    const [proof = '', ...more] = valuesOf(headers, 'dpop')
    expect(more).toEqual([])
    const jwk = decodeProtectedHeader(proof).jwk as JWK
    const { payload } = await jwtVerify(proof, await importJWK(jwk, 'ES256'), {
      currentDate: new Date(clock.now()),
    })
    expect(payload).toMatchObject({
      htm: 'PATCH',
      htu: `${API}/v1/caf%C3%A9/%7e`,
      iat: Math.floor(clock.now() / 1000),
    })
    expect(payload['ath']).toBeTypeOf('string')
  })

  it('without a proof nothing is sent [flaw 17]', async () => {
    const { upstream, events, call } = setUp()
    const broken = { ...keyPair, privateJwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', d: 'AA' } }
    const session = fakeSession({ tokens: tokensOf('at-1', broken) })
    await expect(call('/api/x', {}, session)).rejects.toMatchObject({ code: 'dpop_failed', status: 502 })
    expect(upstream.sent).toEqual([])
    expect(events).toMatchObject([{ type: 'proxy.failed', code: 'dpop_failed', route: '/api' }])
  })

  it('answers a nonce challenge, anywhere among several, once [DPO-09]', async () => {
    const { events, call, proofs, nonces, renewals } = renewable([challenge('n-1'), { status: 200 }])
    const session = fakeSession({ tokens: dpopTokens('at-1') })
    const reply = await call('/api/x', { method: 'POST', body: chunksOf('ab', 'c') }, session)
    expect(reply.status).toBe(200)
    expect(nonces()).toEqual([undefined, 'n-1'])
    const ids = proofs().map(([proof]) => decodeJwt(proof ?? '').jti)
    expect(new Set(ids).size).toBe(2)
    expect(renewals).toEqual([])
    expect(events).toEqual([{ type: 'dpop.nonce_retry', origin: API }])
  })

  it('sends the same body again [DPO-09]', async () => {
    const { upstream, call } = renewable([challenge('n-1'), { status: 200 }])
    await call(
      '/api/x',
      { method: 'POST', body: chunksOf('ab', 'c') },
      fakeSession({ tokens: dpopTokens('at-1') }),
    )
    expect(await Promise.all(upstream.sent.map(({ body }) => textOf(body)))).toEqual(['abc', 'abc'])
  })

  it('a second challenge is the answer: neither another nonce nor a refresh is tried', async () => {
    const { upstream, renewals, call } = renewable([challenge('n-1'), challenge('n-2')])
    const reply = await call('/api/x', {}, fakeSession({ tokens: dpopTokens('at-1') }))
    expect(reply.status).toBe(401)
    expect(upstream.sent).toHaveLength(2)
    expect(renewals).toEqual([])
  })

  it('the challenge and its nonce stay here [PRX-11]', async () => {
    const { call } = renewable([challenge('n-1')])
    const { headers } = await call('/api/x', {}, fakeSession({ tokens: dpopTokens('at-1') }))
    expect(headers.map(([name]) => name)).not.toContain('www-authenticate')
    expect(headers.map(([name]) => name)).not.toContain('dpop-nonce')
  })

  it('the newest nonce of any answer is used next, a retry’s included [DPO-10]', async () => {
    const withNonce = (nonce: string, status: number) => ({
      status,
      headers: [['dpop-nonce', nonce]] as const,
    })
    const { call, nonces } = renewable([
      challenge('n-1'),
      withNonce('n-2', 200),
      withNonce('n-3', 500),
      withNonce('n-4', 404),
      { status: 200 },
    ])
    const session = fakeSession({ tokens: dpopTokens('at-1') })
    for (let calls = 0; calls < 4; calls++) await call('/api/x', {}, session)
    expect(nonces()).toEqual([undefined, 'n-1', 'n-2', 'n-3', 'n-4'])
  })

  it('a nonce is kept for its own origin only [DPO-10]', async () => {
    const { proxy, upstream, call } = setUp({}, () => ({ headers: [['dpop-nonce', 'n-1']] }), {
      routes: [
        { path: '/api', target: API },
        { path: '/files', target: 'https://files.internal' },
      ],
    })
    const session = fakeSession({ tokens: dpopTokens('at-1') })
    await call('/api/x', {}, session)
    await call('/files/x', {}, session)
    await call('/api/x', {}, session)
    expect(
      upstream.sent.map(({ headers }) => decodeJwt(valuesOf(headers, 'dpop')[0] ?? '')['nonce']),
    ).toEqual([undefined, undefined, 'n-1'])
    expect(proxy).toBeDefined()
  })

  it('a body too large to keep is not sent again, but the nonce serves the next call', async () => {
    const { call, nonces } = renewable([challenge('n-1'), { status: 200 }], undefined, { replayBodyBytes: 2 })
    const session = fakeSession({ tokens: dpopTokens('at-1') })
    expect((await call('/api/x', { method: 'POST', body: chunksOf('abc') }, session)).status).toBe(401)
    expect((await call('/api/x', { method: 'POST', body: chunksOf('abc') }, session)).status).toBe(200)
    expect(nonces()).toEqual([undefined, 'n-1'])
  })

  it('a challenge to a Bearer token is no reason to send it again', async () => {
    const { upstream, renewals, call } = renewable([challenge('n-1')])
    expect((await call('/api/x')).status).toBe(401)
    expect(upstream.sent).toHaveLength(1)
    expect(renewals).toEqual([])
  })

  it('DPO-11, CVE-2026-40155 concurrent retries each keep their own user’s token', async () => {
    const refused = new Set<string>()
    const { upstream, call } = setUp({}, ({ headers }) => {
      const token = valuesOf(headers, 'authorization')[0] ?? ''
      if (refused.has(token)) return { status: 200 }
      refused.add(token)
      return challenge(`n-${refused.size}`)
    })
    const users = Array.from({ length: 20 }, (_, at) => `at-${at}`)
    const replies = await Promise.all(
      users.map((token) => call(`/api/${token}`, {}, fakeSession({ tokens: dpopTokens(token) }))),
    )
    expect(replies.map(({ status }) => status)).toEqual(users.map(() => 200))
    expect(upstream.sent).toHaveLength(40)
    for (const { url, headers } of upstream.sent)
      expect(valuesOf(headers, 'authorization')).toEqual([`DPoP ${url.split('/').at(-1)}`])
  })
})

describe('a refused access token [PRX-21]', () => {
  it('is renewed and the request sent again, once', async () => {
    const { renewals, authorizations, call } = renewable([REFUSED, { status: 200 }])
    expect((await call('/api/x', { method: 'DELETE' })).status).toBe(200)
    expect(renewals).toEqual(['at-1'])
    expect(authorizations()).toEqual(['Bearer at-1', 'Bearer at-2'])
  })

  it('refused again, the 401 is the answer', async () => {
    const { renewals, upstream, call } = renewable([REFUSED])
    expect((await call('/api/x')).status).toBe(401)
    expect(renewals).toEqual(['at-1'])
    expect(upstream.sent).toHaveLength(2)
  })

  it('cancels the answer it does not use', async () => {
    let cancelled = false
    const body: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          cancelled = true
          return { done: true, value: undefined }
        },
      }),
    }
    const { call } = renewable([{ ...REFUSED, body }, { status: 200 }])
    await call('/api/x')
    expect(cancelled).toBe(true)
  })

  it('one renewal and one nonce in the same request, in either order', async () => {
    for (const answers of [
      [challenge('n-1'), REFUSED, { status: 200 }],
      [REFUSED, challenge('n-1'), { status: 200 }],
    ]) {
      const { upstream, renewals, call } = renewable(answers, fakeSession({ tokens: dpopTokens('at-2') }))
      expect((await call('/api/x', {}, fakeSession({ tokens: dpopTokens('at-1') }))).status).toBe(200)
      expect(upstream.sent).toHaveLength(3)
      expect(renewals).toEqual(['at-1'])
    }
  })

  it('an endless mix of challenges and refusals ends after both were tried', async () => {
    const answers = Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? challenge(`n-${at}`) : REFUSED))
    const { upstream, call } = renewable(answers, fakeSession({ tokens: dpopTokens('at-2') }))
    expect((await call('/api/x', {}, fakeSession({ tokens: dpopTokens('at-1') }))).status).toBe(401)
    expect(upstream.sent).toHaveLength(3)
  })

  it.each([
    ['no refresh token', fakeSession({ hasRefreshToken: false }), {}],
    ['a body too large to keep', fakeSession(), { method: 'POST', body: chunksOf('x'.repeat(70_000)) }],
  ])('is not renewed with %s', async (_, session, options) => {
    const { renewals, upstream, call } = renewable([REFUSED])
    expect((await call('/api/x', options, session)).status).toBe(401)
    expect(upstream.sent).toHaveLength(1)
    expect(renewals).toEqual([])
  })

  it('is not sent again when there is no newer one', async () => {
    for (const tokens of [tokensOf('at-1'), null]) {
      const { upstream, call } = renewable([REFUSED], fakeSession({ tokens }))
      expect((await call('/api/x')).status).toBe(401)
      expect(upstream.sent).toHaveLength(1)
    }
  })

  it('a session that ended meanwhile is said to be over', async () => {
    const { upstream, call } = renewable([REFUSED], null)
    await expect(call('/api/x')).rejects.toMatchObject({ code: 'invalid_session' })
    expect(upstream.sent.map(({ signal }) => signal.aborted)).toEqual([true])
  })

  it('an outage of the provider is not a sign-out', async () => {
    const { call } = renewable([REFUSED], () => {
      throw new BffError('provider_unavailable')
    })
    await expect(call('/api/x')).rejects.toMatchObject({ code: 'provider_unavailable', status: 503 })
  })

  it('neither a 403 nor an anonymous 401 renews anything [PRX-22]', async () => {
    const forbidden = renewable([
      {
        status: 403,
        headers: [
          ['www-authenticate', 'DPoP error="use_dpop_nonce"'],
          ['dpop-nonce', 'n'],
        ],
      },
    ])
    expect((await forbidden.call('/api/x')).status).toBe(403)
    const anonymous = renewable([REFUSED], undefined, { token: 'user-or-none' })
    expect((await anonymous.call('/api/x', {}, null)).status).toBe(401)
    expect([...forbidden.renewals, ...anonymous.renewals]).toEqual([])
    expect([...forbidden.upstream.sent, ...anonymous.upstream.sent]).toHaveLength(2)
  })
})
