import type { NodeCrypto, NodeKey } from './platform.ts'

/** A fresh random 96-bit nonce for every encryption (SP 800-38D §8.2.2). */
export const NONCE_BYTES = 12
/** The full tag, never a shortened one. */
export const TAG_BYTES = 16

/** AES-256-GCM under one key. The two implementations give the same bytes. */
export interface Aead {
  /** `head`, ciphertext and tag in one array; the nonce is the last 12 bytes of `head`. */
  seal(head: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array | Promise<Uint8Array>
  /** The plaintext behind the first `headBytes` bytes of `sealed`; throws unless the tag fits. */
  open(sealed: Uint8Array, headBytes: number, aad: Uint8Array): Uint8Array | Promise<Uint8Array>
}

const CIPHER = 'aes-256-gcm'
const OPTIONS = { authTagLength: TAG_BYTES }

export function nodeAead(node: NodeCrypto, key: NodeKey): Aead {
  return {
    seal(head, plaintext, aad) {
      const cipher = node.createCipheriv(CIPHER, key, head.subarray(-NONCE_BYTES), OPTIONS)
      cipher.setAAD(aad)
      const sealed = new Uint8Array(head.length + plaintext.length + TAG_BYTES)
      sealed.set(head)
      sealed.set(cipher.update(plaintext), head.length)
      cipher.final()
      sealed.set(cipher.getAuthTag(), head.length + plaintext.length)
      return sealed
    },
    open(sealed, headBytes, aad) {
      const nonce = sealed.subarray(headBytes - NONCE_BYTES, headBytes)
      const decipher = node.createDecipheriv(CIPHER, key, nonce, OPTIONS)
      decipher.setAAD(aad)
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
      const unverified = decipher.update(sealed.subarray(headBytes, -TAG_BYTES))
      try {
        decipher.final()
        return new Uint8Array(unverified)
      } finally {
        unverified.fill(0)
      }
    },
  }
}

export function webAead(key: CryptoKey): Aead {
  const params = (nonce: Uint8Array, aad: Uint8Array) => ({
    name: 'AES-GCM',
    iv: new Uint8Array(nonce),
    additionalData: new Uint8Array(aad),
    tagLength: TAG_BYTES * 8,
  })
  return {
    async seal(head, plaintext, aad) {
      const nonce = head.subarray(-NONCE_BYTES)
      const body = await crypto.subtle.encrypt(params(nonce, aad), key, new Uint8Array(plaintext))
      const sealed = new Uint8Array(head.length + body.byteLength)
      sealed.set(head)
      sealed.set(new Uint8Array(body), head.length)
      return sealed
    },
    async open(sealed, headBytes, aad) {
      const nonce = sealed.subarray(headBytes - NONCE_BYTES, headBytes)
      const body = new Uint8Array(sealed.subarray(headBytes))
      return new Uint8Array(await crypto.subtle.decrypt(params(nonce, aad), key, body))
    },
  }
}
