import { Buffer } from 'node:buffer'
import { createHash, webcrypto } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64url, toBase64url } from '../../src/internal/crypto/encoding.ts'
import { equalsConstantTime, randomToken, sha256, sha256Base64url } from '../../src/internal/crypto/hash.ts'
import { nodeCrypto } from '../../src/internal/crypto/platform.ts'

describe('base64url', () => {
  test('is what Node writes, and reads back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = toBase64url(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64url'))
        expect(fromBase64url(text)).toEqual(bytes)
      }),
    )
  })

  test('reads canonical text only [CRY-05]', () => {
    expect(fromBase64url('')).toEqual(new Uint8Array())
    for (const text of ['A', 'AB', 'AAB', 'AA==', 'AA+A', 'AA/A', ' AAA', 'AAA\n', 'AAé', 'AAA\u{1f600}']) {
      expect(fromBase64url(text), JSON.stringify(text)).toBeNull()
    }
  })

  test('gives every byte string one text [CRY-05]', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ABab01-_+/= '), maxLength: 12 }), (text) => {
        const bytes = fromBase64url(text)
        if (bytes !== null) expect(toBase64url(bytes)).toBe(text)
      }),
    )
  })
})

describe('hash', () => {
  test('is SHA-256 on both platforms', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: fc.constantFrom('a', '\0', 'é', '\u{1f512}') }), fc.uint8Array()),
        async (data) => {
          const expected = new Uint8Array(createHash('sha256').update(data).digest())
          expect(new Uint8Array(await sha256(data, nodeCrypto()))).toEqual(expected)
          expect(await sha256(data, null)).toEqual(expected)
        },
      ),
    )
  })

  test('is 43 characters of base64url', async () => {
    expect(await sha256Base64url('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
  })
})

describe('equalsConstantTime [CRY-14]', () => {
  test('is string equality', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\0'), maxLength: 4 })
    fc.assert(fc.property(text, text, (a, b) => equalsConstantTime(a, b) === (a === b)))
  })

  test('refuses a shorter, longer or empty string without throwing', () => {
    for (const [a, b] of [
      ['secret', 'secre'],
      ['secret', 'secret\0'],
      ['', 'secret'],
      ['secret', ''],
    ] as const) {
      expect(equalsConstantTime(a, b)).toBe(false)
    }
    expect(equalsConstantTime('', '')).toBe(true)
  })
})

describe('randomToken', () => {
  test('takes as many bytes of the system generator as asked', () => {
    expect(randomToken()).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(fromBase64url(randomToken(16))).toHaveLength(16)
    expect(new Set(Array.from({ length: 1000 }, () => randomToken(12))).size).toBe(1000)
  })
})

test('WebCrypto is what the slow path runs on', () => {
  expect(globalThis.crypto.subtle).toBe(webcrypto.subtle)
  expect(nodeCrypto()?.createHash).toBe(process.getBuiltinModule('node:crypto').createHash)
})
