import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OrdersApi, startOrdersApi } from '../src/index.ts'
import { bearer, startIssuer, type TestIssuer } from './support.ts'

const NOW = Date.UTC(2026, 5, 1)
let issuer: TestIssuer
let api: OrdersApi
beforeAll(async () => {
  issuer = await startIssuer(
    () => api.origin,
    () => NOW,
  )
  api = await startOrdersApi({ issuer: issuer.origin, now: () => NOW })
})
afterAll(async () => {
  await api.close()
  await issuer.close()
})

const whoami = (headers: Record<string, string>) => fetch(`${api.origin}/whoami`, { headers })

describe('an access token', () => {
  it('lets its subject in, and the answer names no header value', async () => {
    const token = await issuer.token()
    const response = await whoami({ ...bearer(token), cookie: 'bff=secret' })
    expect(response.status).toBe(200)
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({
      sub: 'alice',
      scopes: ['openid', 'orders'],
      scheme: 'Bearer',
      headers: expect.arrayContaining(['authorization', 'cookie']),
    })
    expect(text).not.toContain('secret')
    expect(text).not.toContain(token)
  })

  it('is taken with the scheme in any case (RFC 9110 11.1)', async () => {
    expect((await whoami({ authorization: `bEaReR ${await issuer.token()}` })).status).toBe(200)
  })

  const seconds = NOW / 1000
  it.each([
    ['of another issuer', { iss: 'https://elsewhere.example' }, {}, 'iss'],
    ['for another audience', { aud: 'https://elsewhere.example' }, {}, 'aud'],
    ['past its expiry', { exp: seconds }, {}, 'expired'],
    ['not valid yet', { nbf: seconds + 5 }, {}, 'nbf'],
    ['without an expiry', { exp: undefined }, {}, 'exp'],
    ['without a subject', { sub: undefined }, {}, 'sub'],
    ['that is an ID token by type', {}, { typ: 'JWT' }, 'typ'],
  ])('%s is refused', async (_name, claims, header, word) => {
    const response = await whoami(bearer(await issuer.token(claims, header)))
    expect(response.status).toBe(401)
    const body = await response.json()
    expect(body).toEqual({ error: 'invalid_token', message: expect.stringContaining(word) })
    expect(response.headers.get('www-authenticate')).toMatch(
      /^Bearer realm="orders", error="invalid_token", error_description="[^"]+", DPoP realm="orders", algs="ES256[^"]*"$/,
    )
  })

  it('is refused when its signature or its shape is wrong', async () => {
    const [header, , signature] = (await issuer.token()).split('.')
    const [, payload] = (await issuer.token({ sub: 'bob' })).split('.')
    for (const forged of [`${header}.${payload}.${signature}`, 'opaque', `${header}.${payload}.`]) {
      const response = await whoami(bearer(forged))
      expect(response.status).toBe(401)
      expect(await response.json()).toMatchObject({ error: 'invalid_token' })
    }
  })

  it('is asked for with both schemes and no error when there is none (RFC 6750 3.1)', async () => {
    for (const headers of [{}, { authorization: 'Basic YTpi' }, { authorization: 'Bearer' }]) {
      const response = await whoami({ ...headers })
      expect(response.status).toBe(401)
      expect(await response.json()).toMatchObject({ error: 'unauthenticated' })
      const challenge = response.headers.get('www-authenticate')
      expect(challenge).toMatch(/^Bearer realm="orders", DPoP realm="orders", algs="/)
      expect(challenge).not.toContain('error=')
    }
  })

  it('without the scope is refused with 403 and the scope that is missing', async () => {
    const response = await fetch(`${api.origin}/orders`, {
      headers: bearer(await issuer.token({ scope: 'openid' })),
    })
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ error: 'insufficient_scope' })
    expect(response.headers.get('www-authenticate')).toContain('scope="orders"')
  })
})

describe('an issuer that is down', () => {
  it('is a 503 and not a 401, until it is back', async () => {
    const cold = await startOrdersApi({ issuer: issuer.origin, audience: api.origin, now: () => NOW })
    try {
      const headers = bearer(await issuer.token())
      issuer.down = true
      const response = await fetch(`${cold.origin}/whoami`, { headers })
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toBe('1')
      expect(await response.json()).toMatchObject({ error: 'issuer_unavailable' })
      issuer.down = false
      expect((await fetch(`${cold.origin}/whoami`, { headers })).status).toBe(200)
    } finally {
      issuer.down = false
      await cold.close()
    }
  })
})
