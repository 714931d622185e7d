import assert from 'node:assert/strict'
import { createBff, generateEncryptionKey } from '@bff/core'
import { createDpopProof, generateDpopKeyPair } from '@bff/core/dpop'
import { memoryStore } from '@bff/store-memory'
import { describe, test } from 'vitest'

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

describe('keys', () => {
  test('key-1 a DPoP proof verifies with its public key [DPO-05]', async () => {
    const keyPair = await generateDpopKeyPair()
    const proof = await createDpopProof({
      keyPair,
      method: 'GET',
      url: 'https://api.example.com/',
      now: Date.now(),
    })
    const [header = '', payload = '', signature = ''] = proof.split('.')
    const { jwk } = JSON.parse(Buffer.from(header, 'base64url').toString())
    const key = await crypto.subtle.importKey('jwk', jwk, P256, false, ['verify'])
    const signed = new TextEncoder().encode(`${header}.${payload}`)
    assert.ok(await crypto.subtle.verify(P256, key, Buffer.from(signature, 'base64url'), signed))
  })

  test('key-2 the tokens of a session open again', async () => {
    const origin = 'https://app.example.com'
    const bff = createBff({
      origin,
      store: memoryStore(),
      encryptionKeys: [generateEncryptionKey()],
      onEvent: () => {},
    })
    const { cookie } = await bff.sessions.create({
      userId: 'alice',
      tokens: { accessToken: 'a', expiresIn: 60 },
    })
    const headers = { cookie: cookie.split(';', 1)[0] ?? '', 'x-csrf': '1' }
    const response = await bff.fetch(new Request(`${origin}/bff/session`, { headers }))
    assert.equal(Object(await response.json()).user_id, 'alice')
    await bff.close()
  })
})
