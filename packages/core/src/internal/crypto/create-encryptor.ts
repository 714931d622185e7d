import type { Clock } from '../../contracts/clock.ts'
import type { Encryptor, SealContext } from '../../contracts/encryptor.ts'
import type { BffEvent, Emit } from '../../contracts/events.ts'
import { attachmentRules, createAttachment } from '../attachment.ts'
import { BffError } from '../bff-error.ts'
import { given } from '../option-rules.ts'
import { readOptions } from '../options.ts'
import { NONCE_BYTES, TAG_BYTES } from './aes-gcm.ts'
import { fromBase64url, fromUtf8, toBase64url, utf8 } from './encoding.ts'
import {
  ENVELOPE_VERSION,
  hasWholeHead,
  lengthPrefixed,
  MAC,
  nodeRingKey,
  parseEncryptionKeys,
  type RingKey,
  startsWith,
  webRingKey,
} from './keyring.ts'
import { type NodeCrypto, nodeCrypto } from './platform.ts'

/** Larger than any session field; keeps a hostile row from costing more than this. */
const MAX_BYTES = 1_048_576
/** A quarter of the 2^32 encryptions that random nonces allow a key (SP 800-38D §8.3). */
const WORN_EVERY = 2 ** 30

export interface EncryptorOptions {
  /** 32-byte keys as base64, base64url or hex, newest first: the first seals, every one opens. */
  readonly keys: readonly string[]
  /**
   * Receives `crypto.decrypt_failed`, and `crypto.key_worn` after every 2^30 encryptions by this process with the newest
   * key. Put a new key first well before all processes together reach 2^32 (NIST SP 800-38D §8.3, CRY-02). @default
   * `onEvent` of the BFF
   */
  readonly onEvent?: (event: BffEvent) => void
  /** A clock of its own, for tests. @default the clock of the BFF */
  readonly clock?: Clock
}

const OPTIONS = {
  keys: given<readonly string[]>([]),
  ...attachmentRules,
}

interface EncryptorParts {
  readonly keys: readonly string[]
  readonly emit?: Emit
}

/**
 * Makes an {@link Encryptor} with AES-256-GCM. It needs no BFF.
 *
 * It derives subkeys from the keys and does not use the keys themselves. The strings of the keys, and any text that it seals
 * or opens, stay in memory until the garbage collector frees them: JavaScript strings cannot be cleared (CRY-12).
 *
 * On a runtime with only WebCrypto, `needsReseal` returns `false` until the first value was sealed or opened.
 *
 * @throws BffError `invalid_config` for a missing, malformed, short, long, all-zero or repeated key (CRY-08)
 * @example
 * ```ts
 * import { createEncryptor } from '@bff/core'
 *
 * const encryptor = createEncryptor({ keys: [process.env['BFF_ENCRYPTION_KEY'] ?? ''] })
 * const context = { recordId: 'order-1', field: 'note' }
 * export const sealed = await encryptor.encryptString('a note', context)
 * export const note = await encryptor.decryptString(sealed, context)
 * ```
 */
export function createEncryptor(options: EncryptorOptions): Encryptor {
  const { keys, ...own } = readOptions('createEncryptor', options, OPTIONS)
  const { emit, attach } = createAttachment(own)
  return { ...encryptorOn(nodeCrypto(), { keys, emit }), attach }
}

/** Generates a random key for {@link createEncryptor}, in base64. */
export function generateEncryptionKey(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))
}

/** As {@link createEncryptor}, on a given platform: `null` is WebCrypto. */
export function encryptorOn(
  node: NodeCrypto | null,
  { keys, emit = () => {} }: EncryptorParts,
  wornEvery = WORN_EVERY,
): Encryptor {
  const raw = parseEncryptionKeys(keys)
  let ring: readonly RingKey[] = node ? raw.map((key) => nodeRingKey(node, key)) : []
  let loading: Promise<unknown> | undefined
  let encryptions = 0

  /** WebCrypto derives keys only asynchronously, hence on first use. */
  const load = () => {
    loading ??= Promise.all(raw.map(webRingKey)).then((loaded) => {
      ring = loaded
    })
    return loading
  }

  async function newestKey(): Promise<RingKey> {
    if (ring.length === 0) await load()
    const [newest] = ring
    if (newest === undefined) throw new BffError('internal_error')
    return newest
  }

  function countEncryption({ id }: RingKey): void {
    encryptions += 1
    if (encryptions % wornEvery === 0) emit({ type: 'crypto.key_worn', keyId: id, encryptions })
  }

  async function encrypt(plaintext: Uint8Array, context: SealContext): Promise<Uint8Array> {
    const binding = bindingOf(context)
    if (plaintext.length > MAX_BYTES) {
      throw new BffError('invalid_argument', `A value to seal must have at most ${MAX_BYTES} bytes.`)
    }
    const key = await newestKey()
    countEncryption(key)
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
    return key.aead.seal(new Uint8Array([...key.head, ...nonce]), plaintext, utf8(key.binding + binding))
  }

  async function macOf(text: string, like: string | undefined): Promise<string> {
    const key = like === undefined ? ring[0] : ring.find(({ macHead }) => like.startsWith(macHead))
    if (key === undefined)
      throw new BffError(like !== undefined && MAC.test(like) ? 'key_unavailable' : 'seal_broken')
    const mac = key.mac(text)
    // Every request comes here: await only a promise.
    return key.macHead + (typeof mac === 'string' ? mac : await mac)
  }

  const failed = (
    code: 'seal_broken' | 'key_unavailable',
    reason: string,
    { field, recordId }: SealContext,
  ) => {
    emit({ type: 'crypto.decrypt_failed', field, recordId, reason })
    return new BffError(code)
  }
  const broken = (reason: string, context: SealContext) => failed('seal_broken', reason, context)

  async function decrypt(envelope: Uint8Array, context: SealContext): Promise<Uint8Array> {
    const binding = bindingOf(context)
    if (ring.length === 0) await load()
    if (envelope[0] !== ENVELOPE_VERSION) throw broken('unknown_version', context)
    const key = ring.find(({ head }) => startsWith(envelope, head))
    // A complete head with another id may name a key that other processes of a rolling deployment already have.
    if (key === undefined)
      throw hasWholeHead(envelope)
        ? failed('key_unavailable', 'unknown_key', context)
        : broken('unknown_key', context)
    const headBytes = key.head.length + NONCE_BYTES
    const bytes = envelope.length - headBytes - TAG_BYTES
    if (bytes < 0 || bytes > MAX_BYTES) throw broken('wrong_size', context)
    try {
      return await key.aead.open(envelope, headBytes, utf8(key.binding + binding))
    } catch {
      throw broken('not_authentic', context)
    }
  }

  async function decryptString(envelope: string, context: SealContext): Promise<string> {
    const sealed = envelope.length > 2 * MAX_BYTES ? null : fromBase64url(envelope)
    if (sealed === null) throw broken('not_base64url', context)
    const plaintext = await decrypt(sealed, context)
    try {
      return fromUtf8(plaintext)
    } catch {
      throw broken('not_text', context)
    } finally {
      plaintext.fill(0)
    }
  }

  return {
    encrypt,
    decrypt,
    async encryptString(plaintext, context) {
      const bytes = utf8(plaintext)
      try {
        return toBase64url(await encrypt(bytes, context))
      } finally {
        bytes.fill(0)
      }
    },
    decryptString,
    mac: (text, like) => (ring.length > 0 ? macOf(text, like) : load().then(() => macOf(text, like))),
    needsReseal: (envelope) => ring[0] !== undefined && !startsWith(envelope, ring[0].head),
  }
}

function bindingOf({ recordId, field }: SealContext): string {
  if (!recordId || !field) {
    throw new BffError(
      'invalid_argument',
      'The record or field of a sealed value is missing. Pass recordId and field.',
    )
  }
  return lengthPrefixed(recordId) + lengthPrefixed(field)
}
