import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BffError, isBffError } from '../../src/internal/bff-error.ts'
import {
  createEncryptor,
  encryptorOn,
  generateEncryptionKey,
} from '../../src/internal/crypto/create-encryptor.ts'
import { nodeRingKey, parseEncryptionKeys, webRingKey } from '../../src/internal/crypto/keyring.ts'
import { nodeCrypto } from '../../src/internal/crypto/platform.ts'

function configError(keys: readonly string[]): BffError {
  try {
    createEncryptor({ keys })
  } catch (error) {
    if (isBffError(error, 'invalid_config')) return error
    throw error
  }
  throw new Error('the keys were accepted')
}

const good = generateEncryptionKey()

describe('encryption keys [CRY-08, S0-5]', () => {
  test('are 32 bytes in base64 with or without padding, base64url or hex', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        fc.pre(bytes.some((byte) => byte !== 0))
        const buffer = Buffer.from(bytes)
        const padded = buffer.toString('base64')
        for (const text of [
          padded,
          padded.replaceAll('=', ''),
          buffer.toString('base64url'),
          buffer.toString('hex'),
          buffer.toString('hex').toUpperCase(),
          `${padded}\n`,
        ]) {
          expect(parseEncryptionKeys([text])).toEqual([bytes])
        }
      }),
    )
  })

  test('of 64 hex digits are never read as base64', () => {
    const hex = 'abcd'.repeat(16)
    expect(parseEncryptionKeys([hex])[0]).toEqual(new Uint8Array(Buffer.from(hex, 'hex')))
  })

  test.each([
    ['31 bytes', randomBytes(31).toString('base64'), 'has 31 bytes, not 32'],
    ['33 bytes', randomBytes(33).toString('base64'), 'has 33 bytes, not 32'],
    ['31 bytes of hex', randomBytes(31).toString('hex'), 'has 31 bytes, not 32'],
    ['64 bytes of hex', randomBytes(64).toString('hex'), 'has 64 bytes, not 32'],
    ['a passphrase', 'correct horse battery staple', 'is neither base64 nor hex'],
    ['a password of 32 characters', 'thirty-two-character-password!!!', 'is neither base64 nor hex'],
    ['32 base64 characters', 'zB3zB3zB3zB3zB3zB3zB3zB3zB3zB3zB', 'has 24 bytes, not 32'],
    ['nothing', '', 'is empty. Set it, or its environment variable'],
    ['white space', ' \n', 'is empty. Set it, or its environment variable'],
    ['zeros', Buffer.alloc(32).toString('base64'), 'is all zeros'],
    ['zeros in hex', '00'.repeat(32), 'is all zeros'],
    ['too much padding', `${good}=`, 'is neither base64 nor hex'],
    ['leftover bits', `${'A'.repeat(42)}B=`, 'is neither base64 nor hex'],
  ])('of %s are refused at startup', (_, key, flaw) => {
    const { message } = configError([good, key])
    expect(message).toBe(`Encryption key 2 of 2 ${flaw}. Make a key with: openssl rand -base64 32`)
    if (key.trim() !== '') expect(message).not.toContain(key)
  })

  test('are refused twice, whatever their spelling', () => {
    const hex = Buffer.from(good, 'base64').toString('hex')
    const { message } = configError([generateEncryptionKey(), good, hex])
    expect(message).toContain('Encryption key 3 of 3 is the same as key 2.')
  })

  test('must be there', () => {
    expect(configError([]).message).toContain('Give a list of at least one encryption key.')
    const fromEnvironment: { keys: string[] } = JSON.parse('{"keys":[null]}')
    expect(configError(fromEnvironment.keys).message).toContain(
      'Encryption key 1 of 1 is missing. Set it, or its environment variable.',
    )
    const text: { keys: string[] } = JSON.parse('{"keys":"not a list"}')
    expect(configError(text.keys).message).toContain('Give a list of at least one encryption key.')
  })

  test('made by generateEncryptionKey are accepted, each another', () => {
    expect(good).toMatch(/^[A-Za-z0-9+/]{43}=$/)
    expect(generateEncryptionKey()).not.toBe(good)
    expect(() => createEncryptor({ keys: [good, generateEncryptionKey()] })).not.toThrow()
  })

  test('are checked at once without node:crypto too', () => {
    expect(() => encryptorOn(null, { keys: [good, good] })).toThrow('is the same as key 1')
  })
})

test('the raw bytes of a key are wiped once the key object is made [CRY-12]', async () => {
  const node = nodeCrypto()
  const [forNode, forWeb] = [new Uint8Array(32).fill(7), new Uint8Array(32).fill(7)]
  const ids = [node && nodeRingKey(node, forNode).id, (await webRingKey(forWeb)).id]
  expect(ids[0]).toBe(ids[1])
  expect([forNode, forWeb]).toEqual([new Uint8Array(32), new Uint8Array(32)])
})
