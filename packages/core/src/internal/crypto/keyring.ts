import { BffError } from '../bff-error.ts'
import { absence } from '../options.ts'
import { type Aead, nodeAead, webAead } from './aes-gcm.ts'
import { fromBase64url, toBase64url, utf8 } from './encoding.ts'
import type { NodeCrypto } from './platform.ts'

/** The one envelope version there is. */
export const ENVELOPE_VERSION = 1
const KEY_BYTES = 32
const KEY_ID_BYTES = 6
/** Of the id in base64url. */
const KEY_ID_LENGTH = 8
/** A keyed hash: the id of its key, and an HMAC-SHA-256 in base64url. */
export const MAC = /^[\w-]{8}\.[\w-]{43}$/
const KEY_ID_LABEL = utf8('bff key id v1')
const PURPOSE = 'seal'
const SEAL_INFO = utf8(`bff ${PURPOSE} v1`)
const MAC_INFO = utf8('bff mac v1')
const NO_SALT = new Uint8Array()
export const KEY_REMEDY = 'Make a key with: openssl rand -base64 32'

/** A key ready for use: the raw key is gone, only a subkey derived for sealing is held (CRY-10, CRY-12). */
export interface RingKey {
  /** Derived from the key, so that operators name nothing. */
  readonly id: string
  /** How every envelope of this key starts: version, length of the key id, key id. */
  readonly head: Uint8Array
  /** What every envelope of this key authenticates first: version, key id, purpose (CRY-03). */
  readonly binding: string
  readonly aead: Aead
  /** How every keyed hash of this key starts: the key id and a dot. */
  readonly macHead: string
  /** HMAC-SHA-256 in base64url, under a subkey of its own. */
  mac(text: string): string | Promise<string>
}

/**
 * Decodes encryption keys, newest first.
 *
 * @throws BffError `invalid_config` with the position of the key, never its value (CRY-08)
 */
export function parseEncryptionKeys(keys: readonly string[]): Uint8Array<ArrayBuffer>[] {
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new BffError('invalid_config', `Give a list of at least one encryption key. ${KEY_REMEDY}`)
  }
  const decoded: Uint8Array<ArrayBuffer>[] = []
  for (const [index, text] of keys.entries()) {
    const key = decodeKey(text)
    const flaw = keyFlaw(text, key, decoded)
    if (flaw !== null || key === null) {
      throw new BffError(
        'invalid_config',
        `Encryption key ${index + 1} of ${keys.length} ${flaw}. ${KEY_REMEDY}`,
      )
    }
    decoded.push(key)
  }
  return decoded
}

/** Says what is wrong with a key, behind its name; `null` when it can be used. */
export function keyFlaw(
  value: unknown,
  key: Uint8Array | null,
  earlier: readonly Uint8Array[] = [],
): string | null {
  if (key === null) return absence(value) ?? 'is neither base64 nor hex'
  if (key.length !== KEY_BYTES) return `has ${key.length} bytes, not ${KEY_BYTES}`
  if (key.every((byte) => byte === 0)) return 'is all zeros'
  const twin = earlier.findIndex((other) => startsWith(key, other))
  return twin < 0 ? null : `is the same as key ${twin + 1}`
}

/** The bytes of a key in base64, base64url or hex; `null` for any other text. */
export function decodeKey(value: unknown): Uint8Array<ArrayBuffer> | null {
  const text = typeof value === 'string' ? value.trim() : ''
  if (text === '') return null
  // 32 bytes of base64 without padding have 43 characters: an even run of hex digits can only be meant as hex.
  if (/^(?:[0-9a-f]{2})+$/i.test(text)) {
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number(`0x${pair}`))
  }
  const unpadded = text.replace(/={1,2}$/, '')
  if (unpadded !== text && text.length % 4 !== 0) return null
  return fromBase64url(/[-_]/.test(text) ? unpadded : unpadded.replaceAll('+', '-').replaceAll('/', '_'))
}

/** Whether an envelope begins with a version and a complete key id, of any key. */
export function hasWholeHead(envelope: Uint8Array): boolean {
  return envelope[1] === KEY_ID_LENGTH && fromBase64url(idIn(envelope))?.length === KEY_ID_BYTES
}

/** The part of an envelope that is the key id, if it has a whole head. */
export const idIn = (envelope: Uint8Array): string =>
  String.fromCharCode(...envelope.subarray(2, 2 + KEY_ID_LENGTH))

/** Whether `bytes` begin with `start`. */
export function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, index) => bytes[index] === byte)
}

/** One part of the authenticated data, with its length in front so that no two lists of parts run together. */
export function lengthPrefixed(part: string): string {
  return `${part.length}:${part}`
}

export function nodeRingKey(node: NodeCrypto, raw: Uint8Array): RingKey {
  const digest = node.createHash('sha256').update(KEY_ID_LABEL).update(raw).digest()
  const subkey = new Uint8Array(node.hkdfSync('sha256', raw, NO_SALT, SEAL_INFO, KEY_BYTES))
  const key = node.createSecretKey(subkey)
  const macSubkey = new Uint8Array(node.hkdfSync('sha256', raw, NO_SALT, MAC_INFO, KEY_BYTES))
  const macKey = node.createSecretKey(macSubkey)
  for (const secret of [raw, subkey, macSubkey]) secret.fill(0)
  const mac = (text: string) => node.createHmac('sha256', macKey).update(text).digest('base64url')
  return ringKey(digest, nodeAead(node, key), mac)
}

export async function webRingKey(raw: Uint8Array<ArrayBuffer>): Promise<RingKey> {
  const { subtle } = crypto
  const labelled = new Uint8Array([...KEY_ID_LABEL, ...raw])
  const digest = await subtle.digest('SHA-256', labelled)
  const base = await subtle.importKey('raw', raw, 'HKDF', false, ['deriveKey'])
  raw.fill(0)
  labelled.fill(0)
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: NO_SALT, info: SEAL_INFO }
  const target = { name: 'AES-GCM', length: KEY_BYTES * 8 }
  const key = await subtle.deriveKey(derivation, base, target, false, ['encrypt', 'decrypt'])
  const hmac = { name: 'HMAC', hash: 'SHA-256', length: KEY_BYTES * 8 }
  const macKey = await subtle.deriveKey({ ...derivation, info: MAC_INFO }, base, hmac, false, ['sign'])
  const mac = async (text: string) =>
    toBase64url(new Uint8Array(await subtle.sign('HMAC', macKey, utf8(text))))
  return ringKey(new Uint8Array(digest), webAead(key), mac)
}

function ringKey(digest: Uint8Array, aead: Aead, mac: RingKey['mac']): RingKey {
  const id = toBase64url(digest.subarray(0, KEY_ID_BYTES))
  const head = new Uint8Array([ENVELOPE_VERSION, id.length, ...utf8(id)])
  const binding = [String(ENVELOPE_VERSION), id, PURPOSE].map(lengthPrefixed).join('')
  return { id, head, binding, aead, macHead: `${id}.`, mac }
}
