import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { describe, expect, test } from 'vitest'
import { dpopSigner, generateDpopKeyPair } from '../../src/dpop/key.ts'
import { BffError } from '../../src/internal/bff-error.ts'
import { nodeCrypto } from '../../src/internal/crypto/platform.ts'
import { deserializeDpopKeyPair, serializeDpopKeyPair } from '../../src/session/seal.ts'

describe('DPoP key pairs [S1-52]', () => {
  test('are P-256, with the RFC 7638 thumbprint jose computes', async () => {
    const pair = await generateDpopKeyPair()
    const { kty, crv, x, y, d } = pair.privateJwk
    expect(pair.privateJwk).toEqual({ kty: 'EC', crv: 'P-256', x, y, d })
    expect(pair.publicJwk).toEqual({ kty, crv, x, y })
    for (const coordinate of [x, y, d]) expect(coordinate).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(pair.thumbprint).toBe(
      await calculateJwkThumbprint({ kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' }),
    )
    expect((await generateDpopKeyPair()).thumbprint).not.toBe(pair.thumbprint)
  })

  test('are written as {d,x,y,crv,thumbprint} and read back', async () => {
    const pair = await generateDpopKeyPair()
    const text = serializeDpopKeyPair(pair)
    const { d, x, y, crv } = pair.privateJwk
    expect(JSON.parse(text)).toEqual({ d, x, y, crv, thumbprint: pair.thumbprint })
    expect(await deserializeDpopKeyPair(text)).toEqual(pair)
  })

  test('are not read with another thumbprint, coordinate or curve, nor incomplete', async () => {
    const pair = await generateDpopKeyPair()
    const other = await generateDpopKeyPair()
    const stored = JSON.parse(serializeDpopKeyPair(pair))
    for (const change of [
      { thumbprint: other.thumbprint },
      { thumbprint: undefined },
      { thumbprint: '' },
      { x: other.privateJwk.x },
      { y: other.privateJwk.y },
      { crv: 'P-384' },
      { crv: undefined },
      { d: undefined },
      { d: '' },
      { d: 7 },
      { x: `${stored.x}=` },
      { x: `${stored.x}","y":"` },
    ]) {
      const text = JSON.stringify({ ...stored, ...change })
      await expect(deserializeDpopKeyPair(text), JSON.stringify(change)).rejects.toEqual(
        new BffError('seal_broken'),
      )
    }
    for (const text of ['', '{', 'null', '[]', '"text"', '7']) {
      await expect(deserializeDpopKeyPair(text), text).rejects.toEqual(new BffError('seal_broken'))
    }
  })
})

test('a pair of another curve is not read, even under its own thumbprint [S1-52]', async () => {
  const stored = JSON.parse(serializeDpopKeyPair(await generateDpopKeyPair()))
  const { x, y } = stored
  const canonical = JSON.stringify({ crv: 'secp256k1', kty: 'EC', x, y })
  const thumbprint = createHash('sha256').update(canonical).digest('base64url')
  const text = JSON.stringify({ ...stored, crv: 'secp256k1', thumbprint })
  await expect(deserializeDpopKeyPair(text)).rejects.toEqual(new BffError('seal_broken'))
})

describe('the signer in memory [DPO-16]', () => {
  test.each([
    ['node:crypto', nodeCrypto()],
    ['WebCrypto', null],
  ])('is imported once for equal pairs on %s', async (_, node) => {
    const pair = await generateDpopKeyPair()
    const signer = await dpopSigner(pair, node)
    const again = await deserializeDpopKeyPair(serializeDpopKeyPair(pair))
    expect(await dpopSigner(again, node)).toBe(signer)
    expect(JSON.stringify(signer)).not.toContain(pair.privateJwk.d)
  })

  test.each([
    ['node:crypto', nodeCrypto()],
    ['WebCrypto', null],
  ])('is reached by nothing less than its own key on %s', async (_, node) => {
    const victim = await generateDpopKeyPair()
    const attacker = await generateDpopKeyPair()
    const signer = await dpopSigner(victim, node)
    // The victim's name and public half with the attacker's private one, and the other way round.
    for (const privateJwk of [
      { ...victim.privateJwk, d: attacker.privateJwk.d ?? '' },
      { ...attacker.privateJwk, d: victim.privateJwk.d ?? '' },
    ]) {
      const outcome = await dpopSigner({ ...victim, privateJwk }, node).catch((error: unknown) => error)
      expect(outcome).not.toBe(signer)
    }
    expect(await dpopSigner(victim, node)).toBe(signer)
  })

  test.each([
    ['node:crypto', nodeCrypto()],
    ['WebCrypto', null],
  ])('is found by the object only while that cannot change on %s', async (_, node) => {
    const [own, other] = [await generateDpopKeyPair(), await generateDpopKeyPair()]
    const signer = await dpopSigner(own, node)
    const changing = { ...own, privateJwk: { ...own.privateJwk } }
    expect(await dpopSigner(changing, node)).toBe(signer)
    Object.assign(changing.privateJwk, other.privateJwk)
    expect(await dpopSigner(changing, node)).toBe(await dpopSigner(other, node))
    const lasting = { ...own, privateJwk: Object.freeze({ ...own.privateJwk }) }
    expect([await dpopSigner(lasting, node), await dpopSigner(lasting, node)]).toEqual([signer, signer])
  })

  test.each([
    ['node:crypto', nodeCrypto()],
    ['WebCrypto', null],
  ])('is refused for what is no key on %s', async (_, node) => {
    const pair = await generateDpopKeyPair()
    for (const privateJwk of [{}, { ...pair.privateJwk, x: 'AAAA' }, pair.publicJwk]) {
      const error: unknown = await dpopSigner({ ...pair, privateJwk }, node).catch(
        (caught: unknown) => caught,
      )
      expect(error).toEqual(new BffError('dpop_failed'))
    }
  })
})

test('the thumbprint is the RFC 7638 hash of the four members', async () => {
  const { publicJwk, thumbprint } = await generateDpopKeyPair()
  const canonical = `{"crv":"P-256","kty":"EC","x":"${publicJwk.x}","y":"${publicJwk.y}"}`
  expect(thumbprint).toBe(Buffer.from(createHash('sha256').update(canonical).digest()).toString('base64url'))
})
