import type { DpopKeyPair } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { toBase64url, utf8 } from '../internal/crypto/encoding.ts'
import { isCoordinate, toKeyPair } from '../internal/crypto/jwk.ts'
import type { NodeCrypto } from '../internal/crypto/platform.ts'
import { createLru } from '../internal/lru.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
/** Of 64 bytes in base64url. */
const SIGNATURE_CHARS = 86
/** Importing a key costs more than signing with it, and a session's key signs every call of that session. */
const SIGNERS = createLru<DpopSigner>(1000)

/** An imported private key, with the part of the proof that never changes. */
export interface DpopSigner {
  /** The proof's protected header, encoded. */
  readonly header: string
  /** Returns an ES256 signature in the form of JWS (RFC 7518 §3.4): r and s, 32 bytes each, in base64url. */
  sign(text: string): string | Promise<string>
  /** The access token that was sent with the key last, and its hash. */
  sent: { readonly accessToken: string; readonly ath: string } | null
}

/** By key objects that nobody can change; each is that of one session until a refresh. */
const KNOWN = new WeakMap<object, DpopSigner>()

/** Generates a P-256 key pair for DPoP proofs (RFC 9449, ES256). */
export async function generateDpopKeyPair(): Promise<DpopKeyPair> {
  const { privateKey } = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const pair = await toKeyPair(await crypto.subtle.exportKey('jwk', privateKey))
  if (pair === null) throw new BffError('internal_error')
  return pair
}

/**
 * Returns the signer of a key pair, from the cache when it was used recently.
 *
 * @throws BffError `dpop_failed` when the key is no P-256 private key
 */
export async function dpopSigner({ privateJwk }: DpopKeyPair, node: NodeCrypto | null): Promise<DpopSigner> {
  const isLasting = node !== null && Object.isFrozen(privateJwk)
  const known = isLasting ? KNOWN.get(privateJwk) : undefined
  if (known !== undefined) return known
  const { d, x, y } = privateJwk
  // The whole key is in the name: only a caller with that key reaches its entry.
  const name = `${node !== null} ${d} ${x} ${y}`
  let signer = SIGNERS.get(name)
  if (signer === undefined) {
    signer = await importSigner(privateJwk, node)
    SIGNERS.set(name, signer)
  }
  if (isLasting) KNOWN.set(privateJwk, signer)
  return signer
}

async function importSigner(privateJwk: JsonWebKey, node: NodeCrypto | null): Promise<DpopSigner> {
  const { d, x, y } = privateJwk
  // OpenSSL takes an empty private key for one.
  if (!isCoordinate(d) || !isCoordinate(x) || !isCoordinate(y)) throw new BffError('dpop_failed')
  const publicJwk = { kty: 'EC', crv: 'P-256', x, y }
  const header = toBase64url(utf8(JSON.stringify({ alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk })))
  const jwk = { ...publicJwk, d }
  const sign = node && nodeSign(jwk, node)
  if (sign) return { header, sign, sent: null }
  try {
    const key = await crypto.subtle.importKey('jwk', jwk, ALGORITHM, false, ['sign'])
    const signed = async (text: string) =>
      toBase64url(new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, utf8(text))))
    return { header, sign: signed, sent: null }
  } catch {
    throw new BffError('dpop_failed')
  }
}

/** What signs on `node:crypto`; `null` where it is only partly there, as on workerd, or does not take the key. */
function nodeSign(jwk: JsonWebKey, node: NodeCrypto): ((text: string) => string) | null {
  try {
    const key = node.createPrivateKey({ key: jwk, format: 'jwk' })
    const how = { key, dsaEncoding: 'ieee-p1363' } as const
    const sign = (text: string) => node.sign('sha256', utf8(text), how).toString('base64url')
    return sign('').length === SIGNATURE_CHARS ? sign : null
  } catch {
    return null
  }
}
