import { Buffer } from 'node:buffer'
import { createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Encryptor } from '../../src/contracts/encryptor.ts'
import type { BffErrorCode } from '../../src/contracts/error-codes.ts'
import type { BffEventDetail } from '../../src/contracts/events.ts'
import { BffError } from '../../src/internal/bff-error.ts'
import { encryptorOn, generateEncryptionKey } from '../../src/internal/crypto/create-encryptor.ts'
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '../../src/internal/crypto/encoding.ts'
import { nodeCrypto } from '../../src/internal/crypto/platform.ts'

const context = { recordId: 'handle0123456789', field: 'accessToken' }
const keyA = Buffer.alloc(32, 'a').toString('base64')
const keyB = Buffer.alloc(32, 'b').toString('base64')
const keyC = Buffer.alloc(32, 'c').toString('base64')

/** Sealed once by version 1 with key A: it must open as long as version 1 is known. */
const GOLDEN = 'AQhPclhxYUdFY8OCRPra8HPpGBZrZxz-CL-Kid62EjCbqFqLlH3LKvTXYtZYMbf43VjaFg'

describe.each([
  ['node:crypto', nodeCrypto()],
  ['WebCrypto', null],
])('createEncryptor on %s', (_, node) => {
  const open = (events: BffEventDetail[], keys = [keyA]) =>
    encryptorOn(node, { keys, emit: (event) => events.push(event) })
  const encryptor = open([])

  async function expectBroken(
    envelope: Uint8Array,
    reason: string,
    with_ = context,
    code: BffErrorCode = 'seal_broken',
  ): Promise<void> {
    const events: BffEventDetail[] = []
    const error: unknown = await open(events)
      .decrypt(envelope, with_)
      .catch((caught: unknown) => caught)
    expect(error).toEqual(new BffError(code))
    expect(error).not.toHaveProperty('cause')
    expect(events).toEqual([{ type: 'crypto.decrypt_failed', ...with_, reason }])
  }

  test('seals and opens bytes and text, on its own [S0-3, S0-7]', async () => {
    for (const text of ['', 'token', '\ufeffwith a mark', 'ünï\u{1f512}', 'x'.repeat(5000)]) {
      expect(await encryptor.decryptString(await encryptor.encryptString(text, context), context)).toBe(text)
      expect(await encryptor.decrypt(await encryptor.encrypt(utf8(text), context), context)).toEqual(
        utf8(text),
      )
    }
  })

  test('hands out plain arrays with memory of their own and leaves its input alone', async () => {
    const plaintext = Buffer.from('a token')
    const envelope = await encryptor.encrypt(plaintext, context)
    const opened = await encryptor.decrypt(Buffer.from(envelope), context)
    expect(plaintext.toString()).toBe('a token')
    for (const bytes of [envelope, opened]) {
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
      expect(bytes.buffer.byteLength).toBe(bytes.length)
    }
  })

  test('writes the documented envelope [CRY-01, CRY-03, CRY-05, CRY-10]', async () => {
    const envelope = Buffer.from(await encryptor.encrypt(utf8('a token'), context))
    const raw = Buffer.alloc(32, 'a')
    const id = createHash('sha256').update('bff key id v1').update(raw).digest().subarray(0, 6)
    const keyId = id.toString('base64url')
    expect(envelope.length).toBe(2 + 8 + 12 + 'a token'.length + 16)
    expect([envelope[0], envelope[1], envelope.toString('latin1', 2, 10)]).toEqual([1, 8, keyId])

    const subkey = Buffer.from(hkdfSync('sha256', raw, '', 'bff seal v1', 32))
    const decipher = createDecipheriv('aes-256-gcm', subkey, envelope.subarray(10, 22), { authTagLength: 16 })
    decipher.setAAD(Buffer.from(`1:18:${keyId}4:seal16:handle012345678911:accessToken`))
    decipher.setAuthTag(envelope.subarray(-16))
    expect(decipher.update(envelope.subarray(22, -16), undefined, 'utf8') + decipher.final('utf8')).toBe(
      'a token',
    )
  })

  test('opens what version 1 sealed when it was new', async () => {
    expect(await encryptor.decryptString(GOLDEN, context)).toBe('sealed in 2025')
  })

  test('takes a fresh nonce every time [CRY-01]', async () => {
    const nonces = new Set<string>()
    for (let i = 0; i < 500; i++) {
      const envelope = await encryptor.encrypt(utf8('same'), context)
      nonces.add(toBase64url(envelope.subarray(10, 22)))
    }
    expect(nonces.size).toBe(500)
  })

  test('a value moved to another record or field does not open [CRY-03, S0-8, flaw 1]', async () => {
    const envelope = await encryptor.encrypt(utf8('a token'), context)
    await expectBroken(envelope, 'not_authentic', { ...context, recordId: 'handle9876543210' })
    await expectBroken(envelope, 'not_authentic', { ...context, field: 'refreshToken' })
  })

  test('record and field cannot run together [CRY-03]', async () => {
    const envelope = await encryptor.encrypt(utf8('x'), { recordId: 'ab', field: 'c' })
    await expectBroken(envelope, 'not_authentic', { recordId: 'a', field: 'bc' })
    const tricky = await encryptor.encrypt(utf8('x'), { recordId: 'a1:b', field: 'c' })
    await expectBroken(tricky, 'not_authentic', { recordId: 'a', field: 'b1:c' })
  })

  test('every single flipped bit breaks it [CRY-01, CRY-07]', async () => {
    const envelope = await encryptor.encrypt(utf8('abc'), context)
    for (let bit = 0; bit < envelope.length * 8; bit++) {
      const tampered = envelope.slice()
      tampered[bit >> 3] = (tampered[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const place = bit >> 3
      const isKeyId = place > 1 && place < 10 && /^[\w-]$/.test(String.fromCharCode(tampered[place] ?? 0))
      await expectBroken(
        tampered,
        place === 0 ? 'unknown_version' : place < 10 ? 'unknown_key' : 'not_authentic',
        context,
        isKeyId ? 'key_unavailable' : 'seal_broken',
      )
    }
  })

  test('every truncation and every extension breaks it, a shortened tag too [CRY-01, CRY-05]', async () => {
    const envelope = await encryptor.encrypt(utf8('abc'), context)
    for (let length = 0; length < envelope.length; length++) {
      const reason =
        length === 0
          ? 'unknown_version'
          : length < 10
            ? 'unknown_key'
            : length < 38
              ? 'wrong_size'
              : 'not_authentic'
      await expectBroken(envelope.subarray(0, length), reason)
    }
    await expectBroken(new Uint8Array([...envelope, 0]), 'not_authentic')
  })

  test('plaintext and foreign layouts do not open [CRY-09, S0-8, flaw 5]', async () => {
    await expectBroken(utf8('eyJhbGciOiJFUzI1NiJ9.e30.c2ln'), 'unknown_version')
    await expectBroken(new Uint8Array(64), 'unknown_version')
    await expect(encryptor.decryptString('eyJhbGciOiJFUzI1NiJ9.e30.c2ln', context)).rejects.toMatchObject({
      code: 'seal_broken',
    })
    await expect(encryptor.decryptString(`${GOLDEN}=`, context)).rejects.toMatchObject({
      code: 'seal_broken',
    })
  })

  test('decryptString of bytes that are no text breaks', async () => {
    const envelope = await encryptor.encrypt(new Uint8Array([0xff, 0xfe]), context)
    await expect(encryptor.decryptString(toBase64url(envelope), context)).rejects.toMatchObject({
      code: 'seal_broken',
    })
  })

  test('the newest key seals, every key opens [CRY-06, S0-8, flaw 2]', async () => {
    const sealedByA = await encryptor.encrypt(utf8('old'), context)
    const events: BffEventDetail[] = []
    const rotated = open(events, [keyB, keyA])
    expect(fromUtf8(await rotated.decrypt(sealedByA, context))).toBe('old')
    const sealedByB = await rotated.encrypt(utf8('new'), context)
    expect(fromUtf8(await rotated.decrypt(sealedByB, context))).toBe('new')
    expect(events).toEqual([])
    await expectBroken(sealedByB, 'unknown_key', context, 'key_unavailable')
  })

  test('needsReseal looks at version and key id alone [CRY-06]', async () => {
    const rotated = open([], [keyB, keyA])
    const sealedByA = await encryptor.encrypt(utf8('old'), context)
    const sealedByB = await rotated.encrypt(utf8('new'), context)
    expect(rotated.needsReseal(sealedByA)).toBe(true)
    expect(rotated.needsReseal(sealedByB)).toBe(false)
    expect(rotated.needsReseal(sealedByB.subarray(0, 10))).toBe(false)
    expect(rotated.needsReseal(new Uint8Array([2, ...sealedByB.subarray(1)]))).toBe(true)
    expect(encryptor.needsReseal(sealedByA)).toBe(false)
  })

  test('An envelope of a key that is not in the ring is a fault of this process, not of the session [CRY-07]', async () => {
    const events: BffEventDetail[] = []
    const sealedByA = await encryptor.encrypt(utf8('old'), context)
    await expect(open(events, [keyC, keyB]).decrypt(sealedByA, context)).rejects.toMatchObject({
      code: 'key_unavailable',
      status: 503,
    })
    expect(events).toMatchObject([{ reason: 'unknown_key' }])
  })

  test('error and event show no key and no plaintext [CRY-07, LOG-01]', async () => {
    const events: BffEventDetail[] = []
    const envelope = await encryptor.encrypt(utf8('the-secret-token'), context)
    const error: unknown = await open(events)
      .decrypt(envelope, { ...context, field: 'idToken' })
      .catch((caught: unknown) => caught)
    const shown = JSON.stringify([events, String(error), Object.entries(error ?? {})])
    expect(shown).not.toContain('the-secret-token')
    expect(shown).not.toContain(keyA)
    expect(JSON.stringify(encryptor)).toBe('{}')
  })

  test('says that a key is worn at every step, counting only what it sealed [CRY-02]', async () => {
    const events: BffEventDetail[] = []
    const counted = encryptorOn(node, { keys: [keyA, keyB], emit: (event) => events.push(event) }, 4)
    for (let i = 0; i < 9; i++) {
      await counted.decrypt(await counted.encrypt(utf8('x'), context), context)
    }
    const keyId = createHash('sha256').update('bff key id v1').update(Buffer.alloc(32, 'a')).digest()
    const about = { type: 'crypto.key_worn', keyId: keyId.subarray(0, 6).toString('base64url') }
    expect(events).toEqual([
      { ...about, encryptions: 4 },
      { ...about, encryptions: 8 },
    ])
  })

  test('a value needs a record and a field, and has a size', async () => {
    const bad = { code: 'invalid_argument' }
    await expect(encryptor.encrypt(utf8('x'), { recordId: '', field: 'f' })).rejects.toMatchObject(bad)
    await expect(encryptor.decrypt(utf8('x'), { recordId: 'r', field: '' })).rejects.toMatchObject(bad)
    const largest = new Uint8Array(1_048_576)
    expect(await encryptor.decrypt(await encryptor.encrypt(largest, context), context)).toHaveLength(
      1_048_576,
    )
    await expect(encryptor.encrypt(new Uint8Array(1_048_577), context)).rejects.toMatchObject(bad)
    const head = (fromBase64url(GOLDEN) ?? new Uint8Array()).subarray(0, 10)
    const huge = new Uint8Array(2_000_000)
    huge.set(head)
    await expectBroken(huge, 'wrong_size')
  })

  test('concurrent first uses share one ring', async () => {
    const fresh: Encryptor = open([])
    const sealed = await Promise.all(
      Array.from({ length: 20 }, (_, i) => fresh.encryptString(`${i}`, context)),
    )
    const opened = await Promise.all(sealed.map((envelope) => open([]).decryptString(envelope, context)))
    expect(opened).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`))
  })
})

test('without node:crypto needsReseal is false until the first use', async () => {
  const web = encryptorOn(null, { keys: [keyB, keyA] })
  const old = await encryptorOn(nodeCrypto(), { keys: [keyA] }).encrypt(utf8('old'), context)
  expect(web.needsReseal(old)).toBe(false)
  await web.decrypt(old, context)
  expect(web.needsReseal(old)).toBe(true)
})

test('what generateEncryptionKey makes seals', async () => {
  const own = encryptorOn(nodeCrypto(), { keys: [generateEncryptionKey()] })
  expect(await own.decryptString(await own.encryptString('x', context), context)).toBe('x')
})
