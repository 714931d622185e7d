import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { generateDpopKeyPair } from '../../src/dpop/index.ts'
import { sessionFetch } from '../../src/proxy/index.ts'
import { API, chunksOf, FakeUpstream, fakeSession, tokensOf } from './support.ts'

describe('sessionFetch [S1-38]', () => {
  it('calls an API with the session’s token', async () => {
    const upstream = new FakeUpstream(() => ({ headers: [['x-a', '1']], body: chunksOf('{"total":', '3}') }))
    const call = sessionFetch({ origins: [API], upstream })
    const response = await call(fakeSession(), `${API}/orders?x=1#part`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    expect([response.status, response.headers.get('x-a'), await response.json()]).toEqual([
      200,
      '1',
      { total: 3 },
    ])
    const { url, method, headers, body } = upstream.only
    expect([url, method]).toEqual([`${API}/orders?x=1`, 'POST'])
    expect(Object.fromEntries(headers)).toEqual({
      'content-type': 'application/json',
      authorization: 'Bearer at-1',
    })
    expect(body).toEqual(new TextEncoder().encode('{}'))
  })

  it('passes on an answer whose status has no body, and none with a status there is not', async () => {
    const answering = (status: number) =>
      sessionFetch({ origins: [API], upstream: new FakeUpstream(() => ({ status, body: chunksOf('') })) })
    const response = await answering(205)(fakeSession(), API)
    expect([response.status, response.body]).toEqual([205, null])
    await expect(answering(999)(fakeSession(), API)).rejects.toMatchObject({ code: 'upstream_unavailable' })
  })

  it('sends the token to the named origins only, whatever the URL looks like [BFF-11]', async () => {
    const upstream = new FakeUpstream()
    const call = sessionFetch({ origins: [API], upstream })
    for (const url of [
      'https://evil.example',
      `${API}.evil.example/`,
      'http://orders.internal/',
      `${API}:8443/`,
    ])
      await expect(call(fakeSession(), url)).rejects.toMatchObject({ code: 'invalid_argument' })
    expect(upstream.sent).toEqual([])
  })

  it('answers a nonce challenge once, with a proof for this very request [DPO-09]', async () => {
    const challenge = {
      status: 401,
      headers: [
        ['www-authenticate', 'DPoP error="use_dpop_nonce"'],
        ['dpop-nonce', 'n-1'],
      ] as const,
    }
    let calls = 0
    const upstream = new FakeUpstream(() => (calls++ === 0 ? challenge : {}))
    const session = fakeSession({ tokens: tokensOf('at-1', await generateDpopKeyPair()) })
    const response = await sessionFetch({ origins: [API], upstream })(session, `${API}/orders`)
    expect(response.status).toBe(200)
    const proofs = upstream.sent.map(({ headers }) => decodeJwt(new Map(headers).get('dpop') ?? ''))
    expect(proofs).toMatchObject([{ htu: `${API}/orders` }, { nonce: 'n-1', htm: 'GET' }])
  })

  it('gives a 401 back, and a session without a token to the caller', async () => {
    const refusing = new FakeUpstream(() => ({ status: 401 }))
    const call = sessionFetch({ origins: [API], upstream: refusing })
    expect((await call(fakeSession(), API)).status).toBe(401)
    expect(refusing.sent).toHaveLength(1)
    await expect(call(fakeSession({ tokens: null }), API)).rejects.toMatchObject({ code: 'token_expired' })
  })

  it('ends with its caller’s signal', async () => {
    const controller = new AbortController()
    const upstream = new FakeUpstream(({ signal }) => {
      controller.abort()
      throw signal.reason
    })
    const call = sessionFetch({ origins: [API], upstream })
    await expect(call(fakeSession(), API, { signal: controller.signal })).rejects.toMatchObject({
      code: 'bad_request',
    })
  })

  it('refuses an option there is not', () => {
    const options = { origins: [API], timeoutMs: 5 }
    expect(() => sessionFetch(options)).toThrowError(
      /Unknown option timeoutMs of sessionFetch.*headersTimeoutMs/,
    )
  })

  it.each(['orders', 'ftp://orders.internal', 'https://user@orders.internal', `${API}/`, `${API}/v1`])(
    'refuses %s as an origin: a path would promise more than it holds',
    (origin) => {
      expect(() => sessionFetch({ origins: [origin] })).toThrowError(
        expect.objectContaining({
          code: 'invalid_config',
          message: expect.stringContaining('sessionFetch: origins'),
        }),
      )
    },
  )
})
