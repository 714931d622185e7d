import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { expect, it } from 'vitest'
import {
  type BffError,
  type BffEvent,
  createEncryptor,
  type Encryptor,
  type EncryptorOptions,
  generateEncryptionKey,
} from '../../src/index.ts'

const [KEY, NEWER_KEY] = [generateEncryptionKey(), generateEncryptionKey()]
const CONTEXT = { recordId: 'invoice-17', field: 'iban' }
const told: BffEvent[] = []

const seal = (by: Encryptor) => by.encryptString('sealed', CONTEXT)
const open = (by: Encryptor, envelope: string) =>
  by.decryptString(envelope, CONTEXT).catch(({ code }: BffError) => code)

testOptions<EncryptorOptions>('EncryptorOptions', {
  keys: {
    set: [NEWER_KEY, KEY],
    /** Whether it opens what the one and the other key sealed, and which of them opens what it seals. */
    async see(options) {
      const encryptor = createEncryptor({ keys: [KEY], ...options })
      const [older, newer] = [createEncryptor({ keys: [KEY] }), createEncryptor({ keys: [NEWER_KEY] })]
      const envelope = await seal(encryptor)
      return {
        opens: [await open(encryptor, await seal(older)), await open(encryptor, await seal(newer))],
        isOpened: [await open(older, envelope), await open(newer, envelope)],
      }
    },
    shows: [
      { opens: ['sealed', 'key_unavailable'], isOpened: ['sealed', 'key_unavailable'] },
      { opens: ['sealed', 'sealed'], isOpened: ['key_unavailable', 'sealed'] },
    ],
  },
  onEvent: {
    set: (event) => void told.push(event),
    async see(options) {
      await open(createEncryptor({ keys: [KEY], ...options }), 'no envelope')
      return [...told]
    },
    shows: [
      [],
      [{ type: 'crypto.decrypt_failed', ...CONTEXT, reason: 'not_base64url', at: expect.any(Number) }],
    ],
  },
  clock: {
    set: manualClock(Date.UTC(2031, 4, 6)),
    async see(options) {
      const at: number[] = []
      const onEvent = (event: BffEvent) => void at.push(event.at)
      await open(createEncryptor({ keys: [KEY], onEvent, ...options }), 'no envelope')
      return at[0] === Date.UTC(2031, 4, 6)
    },
    shows: [false, true],
  },
})

it('createEncryptor refuses an option that does not exist', () => {
  const options = { keys: [KEY], onEvents: () => {} }
  expect(() => createEncryptor(options)).toThrowError(
    expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining('onEvents') }),
  )
})
