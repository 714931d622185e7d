import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Encryptor } from '../../src/contracts/encryptor.ts'
import { isBffError } from '../../src/internal/bff-error.ts'
import { type Aead, NONCE_BYTES, nodeAead, webAead } from '../../src/internal/crypto/aes-gcm.ts'
import { encryptorOn } from '../../src/internal/crypto/create-encryptor.ts'
import { type NodeCrypto, nodeCrypto } from '../../src/internal/crypto/platform.ts'

function requireNode(): NodeCrypto {
  const node = nodeCrypto()
  if (node === null) throw new Error('these tests need node:crypto')
  return node
}

const node = requireNode()
const bytes = (maxLength: number) => fc.uint8Array({ maxLength })
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const hexKey = exactly(32)
  .filter((key) => key.some((byte) => byte !== 0))
  .map((key) => Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join(''))
const context = fc.record({
  recordId: fc.string({ unit: fc.constantFrom('a', '1', ':', 'é', '\u{1f512}'), minLength: 1 }),
  field: fc.string({ unit: fc.constantFrom('a', '1', ':', 'é', '\u{1f512}'), minLength: 1 }),
})

async function bothAeads(key: Uint8Array): Promise<[Aead, Aead]> {
  const imported = await crypto.subtle.importKey('raw', new Uint8Array(key), 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ])
  return [nodeAead(node, createSecretKey(key)), webAead(imported)]
}

describe('both platforms', () => {
  test('give the same bytes for the same key, nonce and data', async () => {
    await fc.assert(
      fc.asyncProperty(
        exactly(32),
        exactly(NONCE_BYTES + 3),
        bytes(300),
        bytes(50),
        async (key, head, plaintext, aad) => {
          const [fast, slow] = await bothAeads(key)
          const sealed = await fast.seal(head, plaintext, aad)
          expect(await slow.seal(head, plaintext, aad)).toEqual(sealed)
          expect(await slow.open(sealed, head.length, aad)).toEqual(plaintext)
          expect(await fast.open(sealed, head.length, aad)).toEqual(plaintext)
        },
      ),
    )
  })

  test('open what the other sealed', async () => {
    await fc.assert(
      fc.asyncProperty(hexKey, bytes(300), context, async (key, plaintext, about) => {
        const fast = encryptorOn(node, { keys: [key] })
        const slow = encryptorOn(null, { keys: [key] })
        const byFast = await fast.encrypt(plaintext, about)
        expect(await slow.decrypt(byFast, about)).toEqual(plaintext)
        expect(slow.needsReseal(byFast)).toBe(false)
        expect(await fast.decrypt(await slow.encrypt(plaintext, about), about)).toEqual(plaintext)
      }),
    )
  })
})

describe.each([
  ['node:crypto', node],
  ['WebCrypto', null],
])('hostile envelopes on %s [CRY-05, CRY-07]', (_, platform) => {
  const encryptor = encryptorOn(platform, { keys: ['5a'.repeat(32), 'a5'.repeat(32)] })
  const about = { recordId: 'handle0123456789', field: 'accessToken' }
  const valid = (plaintext: Uint8Array) => encryptor.encrypt(plaintext, about)

  async function expectOnlyBroken(attempt: Promise<unknown>): Promise<void> {
    const error = await attempt.then(
      () => 'opened',
      (caught: unknown) => caught,
    )
    // Changed within its key id, an envelope looks like one of another key.
    expect(['seal_broken', 'key_unavailable'], String(error)).toContain(isBffError(error) ? error.code : null)
  }

  test('random bytes only ever break', async () => {
    await fc.assert(
      fc.asyncProperty(bytes(120), async (envelope) => {
        expect(typeof encryptor.needsReseal(envelope)).toBe('boolean')
        await expectOnlyBroken(encryptor.decrypt(envelope, about))
      }),
      { numRuns: 500 },
    )
  })

  test('a good start with random bytes behind it only ever breaks', async () => {
    const head = (await valid(new Uint8Array())).subarray(0, 10)
    await fc.assert(
      fc.asyncProperty(fc.nat(10), bytes(80), async (kept, rest) => {
        await expectOnlyBroken(encryptor.decrypt(new Uint8Array([...head.subarray(0, kept), ...rest]), about))
      }),
      { numRuns: 500 },
    )
  })

  test('a mutated, truncated, extended or spliced envelope only ever breaks', async () => {
    const mutation = fc.oneof(
      fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) }),
      fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
      fc.record({ kind: fc.constant('extend' as const), by: exactly(1) }),
      fc.record({ kind: fc.constant('splice' as const), at: fc.nat() }),
    )
    await fc.assert(
      fc.asyncProperty(bytes(60), mutation, async (plaintext, change) => {
        const envelope = await valid(plaintext)
        const mutant = await mutate(encryptor, envelope, plaintext, change)
        await expectOnlyBroken(encryptor.decrypt(mutant, about))
      }),
      { numRuns: 500 },
    )
  })

  test('random text only ever breaks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: fc.constantFrom(...'AQh_-=+/ \0é') }), fc.base64String()),
        async (text) => {
          await expectOnlyBroken(encryptor.decryptString(text, about))
        },
      ),
      { numRuns: 500 },
    )
  })

  type Change =
    | { kind: 'flip'; at: number; by: number }
    | { kind: 'cut'; at: number }
    | { kind: 'extend'; by: Uint8Array }
    | { kind: 'splice'; at: number }

  async function mutate(
    by: Encryptor,
    envelope: Uint8Array,
    plaintext: Uint8Array,
    change: Change,
  ): Promise<Uint8Array> {
    if (change.kind === 'extend') return new Uint8Array([...envelope, ...change.by])
    if (change.kind === 'cut') return envelope.subarray(0, change.at % envelope.length)
    if (change.kind === 'splice') {
      // Two envelopes of one value, joined well within the random parts.
      const other = await by.encrypt(plaintext, about)
      const at = 16 + (change.at % (envelope.length - 26))
      return new Uint8Array([...envelope.subarray(0, at), ...other.subarray(at)])
    }
    const mutant = envelope.slice()
    const at = change.at % mutant.length
    mutant[at] = (mutant[at] ?? 0) ^ change.by
    return mutant
  }
})
