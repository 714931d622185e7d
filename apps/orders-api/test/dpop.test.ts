import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OrdersApi, startOrdersApi } from '../src/index.ts'
import {
  bearer,
  dpop,
  type ProofClaims,
  type ProofKey,
  proofKey,
  startIssuer,
  type TestIssuer,
} from './support.ts'

let now = Date.UTC(2026, 5, 1)
const clock = () => now
let issuer: TestIssuer
let api: OrdersApi
let key: ProofKey
beforeAll(async () => {
  issuer = await startIssuer(() => api.origin, clock)
  api = await startOrdersApi({ issuer: issuer.origin, now: clock })
  key = await proofKey(clock)
})
afterAll(async () => {
  await api.close()
  await issuer.close()
})

const boundToken = () => issuer.token({ cnf: { jkt: key.thumbprint } })
const whoami = (headers: Record<string, string>, target = api) =>
  fetch(`${target.origin}/whoami`, { headers })

describe('a token bound to a key', () => {
  it('is taken with a proof of that key', async () => {
    const token = await boundToken()
    const response = await whoami(dpop(token, await key.proof(token, { htu: `${api.origin}/whoami` })))
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ scheme: 'DPoP' })
  })

  it('is refused as Bearer, proof or not', async () => {
    const token = await boundToken()
    const proof = await key.proof(token, { htu: `${api.origin}/whoami` })
    for (const headers of [bearer(token), { ...bearer(token), dpop: proof }]) {
      const response = await whoami(headers)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toMatch(
        /^Bearer realm="orders", error="invalid_token"/,
      )
    }
  })

  it('leaves DPoP to bound tokens: a Bearer token sent as DPoP is refused', async () => {
    const token = await issuer.token()
    const response = await whoami(dpop(token, await key.proof(token, { htu: `${api.origin}/whoami` })))
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(
      /^Bearer realm="orders", DPoP .*error="invalid_token"/,
    )
  })

  const cases: [string, () => ProofClaims, RegExp][] = [
    ['for another method', () => ({ htm: 'POST' }), /htm/],
    ['for another path', () => ({ htu: `${api.origin}/orders` }), /htu/],
    ['for another host', () => ({ htu: 'https://elsewhere.example/whoami' }), /htu/],
    ['without a URL', () => ({ htu: 'whoami' }), /htu/],
    ['for another token', () => ({ ath: 'x' }), /ath/],
    ['61 seconds old', () => ({ iat: now / 1000 - 61 }), /just now/],
    ['61 seconds ahead', () => ({ iat: now / 1000 + 61 }), /just now/],
    ['without an id', () => ({ jti: '' }), /jti/],
    ['with an id of 257 characters', () => ({ jti: 'a'.repeat(257) }), /jti/],
  ]
  it.each(cases)('is refused with a proof %s [DPO-17]', async (_name, claims, message) => {
    const token = await boundToken()
    const proof = await key.proof(token, { htu: `${api.origin}/whoami`, ...claims() })
    const response = await whoami(dpop(token, proof))
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({
      error: 'invalid_dpop_proof',
      message: expect.stringMatching(message),
    })
    expect(response.headers.get('www-authenticate')).toMatch(
      /DPoP realm="orders", algs="[^"]+", error="invalid_dpop_proof"/,
    )
  })

  it('is refused with a proof of another key, of another type, with a secret or private key, or several [DPO-17]', async () => {
    const token = await boundToken()
    const htu = `${api.origin}/whoami`
    const other = await proofKey(clock)
    const secret = new TextEncoder().encode('0123456789abcdef0123456789abcdef')
    const symmetric = await new SignJWT({ jti: 'a', htm: 'GET', htu })
      .setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk: { kty: 'oct' } })
      .sign(secret)
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const exposed = await new SignJWT({ jti: 'b', htm: 'GET', htu })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(privateKey) })
      .sign(privateKey)
    const proofs = [
      exposed,
      await other.proof(token, { htu }),
      await key.proof(token, { htu }, 'JWT'),
      symmetric,
      `${await key.proof(token, { htu })}, ${await key.proof(token, { htu })}`,
    ]
    for (const proof of proofs) {
      const response = await whoami(dpop(token, proof))
      expect(response.status).toBe(401)
      expect(await response.json()).toMatchObject({ error: 'invalid_dpop_proof' })
    }
    expect((await whoami({ authorization: `DPoP ${token}` })).status).toBe(401)
  })

  it('takes a URL that differs in its query, its fragment or the case of its host (RFC 9449 4.3)', async () => {
    const token = await boundToken()
    for (const htu of [
      `${api.origin}/whoami?a=b#c`,
      `${api.origin.replace('http://l', 'HTTP://L')}/whoami`,
    ]) {
      expect((await whoami(dpop(token, await key.proof(token, { htu })))).status).toBe(200)
    }
  })

  it('takes each proof once, however often it is sent at a time', async () => {
    const token = await boundToken()
    const headers = dpop(token, await key.proof(token, { htu: `${api.origin}/whoami` }))
    const answers = await Promise.all(Array.from({ length: 5 }, () => whoami(headers)))
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 401, 401, 401, 401])
  })

  it('is not accepted when the memory of proofs is full, and is again once some are too old', async () => {
    const small = await startOrdersApi({
      issuer: issuer.origin,
      audience: api.origin,
      now: clock,
      maxRememberedProofs: 2,
    })
    try {
      const htu = `${small.origin}/whoami`
      const send = async () => {
        const token = await boundToken()
        return (await whoami(dpop(token, await key.proof(token, { htu })), small)).status
      }
      expect([await send(), await send(), await send()]).toEqual([200, 200, 503])
      now += 61_000
      expect(await send()).toBe(200)
    } finally {
      await small.close()
    }
  })
})

describe('an API that wants nonces', () => {
  it('asks for one, takes it, and takes the one before it too but none older than two minutes [DPO-09]', async () => {
    const strict = await startOrdersApi({
      issuer: issuer.origin,
      audience: api.origin,
      now: clock,
      requireDpopNonce: true,
    })
    try {
      const htu = `${strict.origin}/whoami`
      const send = async (nonce?: string) => {
        const token = await boundToken()
        const claims = nonce === undefined ? { htu } : { htu, nonce }
        return whoami(dpop(token, await key.proof(token, claims)), strict)
      }
      const refused = await send()
      expect(refused.status).toBe(401)
      expect(await refused.json()).toMatchObject({ error: 'use_dpop_nonce' })
      expect(refused.headers.get('www-authenticate')).toMatch(
        /^Bearer realm="orders", DPoP .*error="use_dpop_nonce"/,
      )
      const nonce = refused.headers.get('dpop-nonce') ?? ''

      const accepted = await send(nonce)
      expect(accepted.status).toBe(200)
      expect(accepted.headers.get('dpop-nonce')).toBe(nonce)
      now += 60_000
      const later = await send(nonce)
      expect(later.status).toBe(200)
      expect(later.headers.get('dpop-nonce')).not.toBe(nonce)
      now += 60_000
      expect((await send(nonce)).status).toBe(401)
      const newest = (await send()).headers.get('dpop-nonce') ?? ''
      now += 120_000
      expect((await send(newest)).status).toBe(401)
    } finally {
      await strict.close()
    }
  })
})
