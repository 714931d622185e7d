import * as nodeCryptoModule from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { generateDpopKeyPair } from '../../src/dpop/index.ts'
import { dpopProofOn } from '../../src/dpop/proof.ts'
import { type NodeCrypto, nodeCrypto, working } from '../../src/internal/crypto/platform.ts'

const notImplemented = () => {
  throw new Error('The function is not implemented.')
}

/** `node:crypto` as a runtime has it that offers the module and not all of what is in it. */
function without(...names: ReadonlyArray<keyof NodeCrypto>): NodeCrypto {
  const node = nodeCrypto()
  if (node === null) throw new Error('This test needs node:crypto.')
  return Object.assign({ ...node }, Object.fromEntries(names.map((name) => [name, notImplemented])))
}

describe('where node:crypto is only partly there, as on workerd', () => {
  it.each([
    ['createPrivateKey throws', without('createPrivateKey')],
    ['sign throws', without('sign')],
    ['sign answers nothing of use', { ...without(), sign: () => new Uint8Array(1) }],
  ])('a DPoP proof is signed by WebCrypto when %s', async (_, node) => {
    const keyPair = await generateDpopKeyPair()
    const proof = await dpopProofOn(node, { keyPair, method: 'GET', url: 'https://api.example.com/', now: 1 })
    const [head = '', body = '', signature = ''] = proof.split('.')
    const { jwk } = JSON.parse(Buffer.from(head, 'base64url').toString())
    const key = nodeCryptoModule.createPublicKey({ key: jwk, format: 'jwk' })
    const signed = Buffer.from(`${head}.${body}`)
    const verified = nodeCryptoModule.verify(
      'sha256',
      signed,
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    )
    expect(verified).toBe(true)
  })

  it('a key that is none is still refused', async () => {
    const { privateJwk, ...pair } = await generateDpopKeyPair()
    const keyPair = { ...pair, privateJwk: { ...privateJwk, x: privateJwk.y ?? '' } }
    await expect(
      dpopProofOn(nodeCrypto(), { keyPair, method: 'GET', url: 'https://api.example.com/', now: 1 }),
    ).rejects.toMatchObject({ code: 'dpop_failed' })
  })

  it.each([
    'createHash',
    'hash',
    'hkdfSync',
    'createHmac',
    'createSecretKey',
    'createCipheriv',
    'createDecipheriv',
  ] as const)('everything runs on WebCrypto when %s throws', (name) => {
    expect(working(without(name))).toBeNull()
  })

  it('signing apart, it is used where all of it works', () => {
    const node = without('sign', 'createPrivateKey')
    expect(working(node)).toBe(node)
  })
})
