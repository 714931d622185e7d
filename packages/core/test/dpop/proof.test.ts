import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { generateDpopKeyPair } from '../../src/dpop/key.ts'
import { createDpopProof, dpopHtu, dpopProofOn } from '../../src/dpop/proof.ts'
import { nodeCrypto } from '../../src/internal/crypto/platform.ts'

const now = 1_760_000_000_999
const request = { method: 'GET', url: 'https://api.example/orders', now }

/** Verifies as a resource server would, with jose and the key inside the proof. */
const verify = (proof: string) =>
  jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt', algorithms: ['ES256'], currentDate: new Date(now) })

describe.each([
  ['node:crypto', nodeCrypto()],
  ['WebCrypto', null],
])('DPoP proofs on %s', (_, node) => {
  test('carry typ, ES256 and the public key only, and verify with it [DPO-01]', async () => {
    const keyPair = await generateDpopKeyPair()
    const { protectedHeader } = await verify(await dpopProofOn(node, { keyPair, ...request }))
    const { x, y } = keyPair.publicJwk
    expect(protectedHeader).toEqual({
      alg: 'ES256',
      typ: 'dpop+jwt',
      jwk: { kty: 'EC', crv: 'P-256', x, y },
    })
    expect(await calculateJwkThumbprint(protectedHeader.jwk ?? {})).toBe(keyPair.thumbprint)
  })

  test('have a jti of 128 random bits, another each time [DPO-02]', async () => {
    const keyPair = await generateDpopKeyPair()
    const jtis = new Set<unknown>()
    for (let i = 0; i < 50; i++) {
      const { payload } = await verify(await dpopProofOn(node, { keyPair, ...request }))
      expect(payload.jti).toMatch(/^[A-Za-z0-9_-]{22}$/)
      jtis.add(payload.jti)
    }
    expect(jtis.size).toBe(50)
  })

  test('at the token endpoint say method, URL and second, and nothing more [DPO-03, DPO-05]', async () => {
    const keyPair = await generateDpopKeyPair()
    const proof = await dpopProofOn(node, { keyPair, method: 'POST', url: 'https://idp.example/token', now })
    const { payload } = await verify(proof)
    expect(payload).toEqual({
      jti: payload.jti,
      htm: 'POST',
      htu: 'https://idp.example/token',
      iat: 1_760_000_000,
    })
  })

  test('take the method as it is sent [DPO-03]', async () => {
    const keyPair = await generateDpopKeyPair()
    for (const method of ['PATCH', 'M-SEARCH', 'patch']) {
      const { payload } = await verify(await dpopProofOn(node, { keyPair, ...request, method }))
      expect(payload['htm']).toBe(method)
    }
  })

  test('at an API carry the hash of the access token, and the nonce [DPO-05, DPO-10]', async () => {
    const keyPair = await generateDpopKeyPair()
    const proof = await dpopProofOn(node, {
      keyPair,
      ...request,
      accessToken: 'an.access.token',
      nonce: 'n"1',
    })
    const { payload } = await verify(proof)
    expect(payload['ath']).toBe(createHash('sha256').update('an.access.token').digest('base64url'))
    expect(payload['nonce']).toBe('n"1')
    expect(proof).not.toContain('an.access.token')
  })

  test('carry the hash of the token of this call, after another token too [DPO-05]', async () => {
    const keyPair = await generateDpopKeyPair()
    for (const accessToken of ['first', 'first', 'second', 'first']) {
      const { payload } = await verify(await dpopProofOn(node, { keyPair, ...request, accessToken }))
      expect(payload['ath']).toBe(createHash('sha256').update(accessToken).digest('base64url'))
    }
  })

  test('do not verify once changed', async () => {
    const keyPair = await generateDpopKeyPair()
    const proof = await dpopProofOn(node, { keyPair, ...request })
    const [header, , signature] = proof.split('.')
    const [, payload] = (await dpopProofOn(node, { keyPair, ...request })).split('.')
    await expect(verify([header, payload, signature].join('.'))).rejects.toThrow(
      'signature verification failed',
    )
  })

  test('fail closed: no proof for a key or URL that is none', async () => {
    const keyPair = await generateDpopKeyPair()
    const keyless = { ...keyPair, privateJwk: keyPair.publicJwk }
    await expect(dpopProofOn(node, { keyPair: keyless, ...request })).rejects.toMatchObject({
      code: 'dpop_failed',
    })
    await expect(dpopProofOn(node, { keyPair, ...request, url: '/orders' })).rejects.toMatchObject({
      code: 'invalid_argument',
    })
  })
})

test('createDpopProof is the proof of the platform at hand', async () => {
  const keyPair = await generateDpopKeyPair()
  const { payload } = await verify(await createDpopProof({ keyPair, ...request }))
  expect(payload['htu']).toBe('https://api.example/orders')
})

describe('htu [DPO-04]', () => {
  test.each([
    ['https://api.example/orders?x=1#top', 'https://api.example/orders'],
    ['HTTPS://API.Example/Orders', 'https://api.example/Orders'],
    ['https://api.example:443/a', 'https://api.example/a'],
    ['http://api.example:80/a', 'http://api.example/a'],
    ['https://api.example:8443/a', 'https://api.example:8443/a'],
    ['https://api.example:80/a', 'https://api.example:80/a'],
    ['https://api.example', 'https://api.example/'],
    ['https://api.example?x', 'https://api.example/'],
    ['https://api.example/a%2Fb%20c/%7Euser/%c3%a9', 'https://api.example/a%2Fb%20c/%7Euser/%c3%a9'],
    ['https://api.example/a//b/', 'https://api.example/a//b/'],
    ['https://api.example/a?u=https://evil.example/#x', 'https://api.example/a'],
    ['http://[::1]:3002/orders', 'http://[::1]:3002/orders'],
    ['https://user:pass@api.example/a', 'https://api.example/a'],
  ])('of %s is %s', (url, htu) => {
    expect(dpopHtu(url)).toBe(htu)
  })

  test.each(['', '/orders', 'api.example/orders', 'ftp://api.example/a', 'data:text/plain,a', 'about:blank'])(
    'of "%s" does not exist',
    (url) => {
      expect(() => dpopHtu(url)).toThrow('A DPoP proof needs an absolute http or https URL.')
    },
  )
})
