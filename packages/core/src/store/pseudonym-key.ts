import { BffError } from '../internal/bff-error.ts'
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '../internal/crypto/encoding.ts'
import { decodeKey, KEY_REMEDY, keyFlaw } from '../internal/crypto/keyring.ts'

const IV_BYTES = 16

/** Makes pseudonyms of text with one key, from which it derives a key for each purpose (CRY-10). */
export interface PseudonymKey {
  /** HMAC-SHA-256 in base64url, 43 characters: the same for the same text in the same role, and different for all others. */
  hash(role: string, text: string): Promise<string>
  /**
   * Text sealed so that equal text in one context gives equal ciphertext, and can be compared where it is kept: a
   * synthetic IV in front of AES-256-CTR, as RFC 5297 builds it, with HMAC-SHA-256 as its pseudorandom function.
   */
  seal(context: string, text: string): Promise<string>
  /** The text; `null` when it was not sealed so, with this key, in this context. */
  open(context: string, sealed: string): Promise<string | null>
}

/**
 * @param key 32 bytes as base64, base64url or hex
 * @throws BffError `invalid_config`
 */
export function pseudonymKey(key: string): PseudonymKey {
  const raw = decodeKey(key)
  const flaw = keyFlaw(key, raw)
  if (flaw !== null || raw === null)
    throw new BffError('invalid_config', `withPseudonyms: key ${flaw}. ${KEY_REMEDY}`)
  let loading: Promise<readonly [CryptoKey, CryptoKey]> | undefined
  const load = () => {
    loading ??= Promise.all([
      derive(raw, 'hash', { name: 'HMAC', hash: 'SHA-256', length: 256 }, ['sign']),
      derive(raw, 'seal', { name: 'AES-CTR', length: 256 }, ['encrypt', 'decrypt']),
    ])
    return loading
  }

  async function mac(role: string, text: string): Promise<Uint8Array<ArrayBuffer>> {
    const [hmac] = await load()
    // The role's length in front keeps role and text apart.
    return new Uint8Array(await crypto.subtle.sign('HMAC', hmac, utf8(`${role.length}:${role}${text}`)))
  }

  async function cipher(
    operation: 'encrypt' | 'decrypt',
    counter: Uint8Array<ArrayBuffer>,
    data: BufferSource,
  ) {
    const [, aes] = await load()
    const done = await crypto.subtle[operation]({ name: 'AES-CTR', counter, length: 64 }, aes, data)
    return new Uint8Array(done)
  }

  const ivOf = async (context: string, text: string) => {
    const iv = (await mac(`seal ${context}`, text)).slice(0, IV_BYTES)
    // As RFC 5297 does: so that the counter cannot run over.
    iv[8] = (iv[8] ?? 0) & 0x7f
    return iv
  }

  return {
    hash: async (role, text) => toBase64url(await mac(`hash ${role}`, text)),
    async seal(context, text) {
      const iv = await ivOf(context, text)
      return toBase64url(new Uint8Array([...iv, ...(await cipher('encrypt', iv, utf8(text)))]))
    },
    async open(context, sealed) {
      const bytes = fromBase64url(sealed)
      if (bytes === null || bytes.length < IV_BYTES) return null
      const iv = bytes.slice(0, IV_BYTES)
      const plain = await cipher('decrypt', iv, bytes.slice(IV_BYTES))
      const text = textOf(plain)
      if (text === null) return null
      const expected = await ivOf(context, text)
      return expected.every((byte, index) => byte === iv[index]) ? text : null
    },
  }
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return fromUtf8(bytes)
  } catch {
    return null
  }
}

async function derive(
  raw: Uint8Array<ArrayBuffer>,
  purpose: string,
  target: HmacKeyGenParams | AesKeyGenParams,
  usages: KeyUsage[],
): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', raw, 'HKDF', false, ['deriveKey'])
  const info = utf8(`bff pseudonym ${purpose} v1`)
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
  return crypto.subtle.deriveKey(derivation, base, target, false, usages)
}
