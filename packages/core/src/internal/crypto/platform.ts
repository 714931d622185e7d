/** An opaque `KeyObject`. */
export interface NodeKey {
  readonly type: string
}

interface NodeCipher {
  setAAD(aad: Uint8Array): unknown
  update(data: Uint8Array): Uint8Array
  final(): Uint8Array
}

/** The few functions of `node:crypto` that the fast path calls. */
export interface NodeCrypto {
  createHash(algorithm: 'sha256'): NodeHash
  /** In one call, for half the price; not everywhere. */
  hash?(algorithm: 'sha256', data: string, encoding: 'base64url'): string
  hkdfSync(digest: 'sha256', key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): ArrayBuffer
  createHmac(algorithm: 'sha256', key: NodeKey): NodeHmac
  createSecretKey(key: Uint8Array): NodeKey
  createCipheriv(
    algorithm: 'aes-256-gcm',
    key: NodeKey,
    nonce: Uint8Array,
    options: { authTagLength: number },
  ): NodeCipher & { getAuthTag(): Uint8Array }
  createDecipheriv(
    algorithm: 'aes-256-gcm',
    key: NodeKey,
    nonce: Uint8Array,
    options: { authTagLength: number },
  ): NodeCipher & { setAuthTag(tag: Uint8Array): unknown }
  createPrivateKey(input: { key: JsonWebKey; format: 'jwk' }): NodeKey
  sign(
    algorithm: 'sha256',
    data: Uint8Array,
    key: { key: NodeKey; dsaEncoding: 'ieee-p1363' },
  ): { toString(encoding: 'base64url'): string }
}

interface NodeHash {
  update(data: string | Uint8Array): NodeHash
  digest(): Uint8Array
}

interface NodeHmac {
  update(data: string): NodeHmac
  digest(encoding: 'base64url'): string
}

interface Host {
  readonly process?: {
    getBuiltinModule?(id: 'node:crypto'): NodeCrypto | undefined
  }
}

let found: NodeCrypto | null | undefined

/**
 * `node:crypto` where the runtime offers it, else `null`; looked up on the first call.
 *
 * It works synchronously and costs a fraction of WebCrypto, which hands each operation to another thread.
 */
export function nodeCrypto(): NodeCrypto | null {
  if (found === undefined) {
    try {
      found = working((globalThis as Host).process?.getBuiltinModule?.('node:crypto') ?? null)
    } catch {
      // Next's Edge runtime has a function there that only throws.
      found = null
    }
  }
  return found
}

/**
 * The module, once each function that hashes and seals has done its work: other runtimes have some that only throw.
 * Signing, which not every app needs, is tried where it is used.
 */
export function working(node: NodeCrypto | null): NodeCrypto | null {
  if (node === null) return null
  try {
    const empty = new Uint8Array()
    const key = node.createSecretKey(new Uint8Array(node.hkdfSync('sha256', empty, empty, empty, 32)))
    const nonce = new Uint8Array(12)
    const cipher = node.createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
    cipher.setAAD(nonce)
    const sealed = [cipher.update(nonce), cipher.final()]
    const decipher = node.createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
    decipher.setAAD(nonce)
    decipher.setAuthTag(cipher.getAuthTag())
    for (const part of sealed) decipher.update(part)
    decipher.final()
    node.hash?.('sha256', '', 'base64url')
    const digests = [
      node.createHash('sha256').update('').digest().byteLength,
      node.createHmac('sha256', key).update('').digest('base64url').length,
    ]
    return digests.join() === '32,43' ? node : null
  } catch {
    return null
  }
}
