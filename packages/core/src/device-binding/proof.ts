import { fromBase64url, fromUtf8, utf8 } from '../internal/crypto/encoding.ts'
import { isCoordinate } from '../internal/crypto/jwk.ts'

/** The public key of a browser, as a JWK (RFC 7517). */
export type PublicKey =
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'RSA'; readonly e: string; readonly n: string }

/** A proof that is read and not yet verified. */
export interface Proof {
  readonly alg: string
  /** Only a registration carries its key. */
  readonly jwk: unknown
  readonly challenge: string
  /** The URL it was made for, where the browser says so. */
  readonly aud: unknown
  readonly signed: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

const MAX_CHARS = 8_192

/** Reads a proof: a JWS in compact form (RFC 7515 §7.1) of the type `dbsc+jwt`. `null` for anything else. */
export function readProof(jws: string): Proof | null {
  const [head = '', body = '', tail = '', more] = jws.length > MAX_CHARS ? [] : jws.split('.')
  const header = jsonOf(head)
  const payload = jsonOf(body)
  const signature = fromBase64url(tail)
  if (more !== undefined || header === null || payload === null || signature === null) return null
  const { alg, typ, jwk, crit } = header
  const { jti, aud } = payload
  if (typ !== 'dbsc+jwt' || typeof alg !== 'string' || typeof jti !== 'string' || crit !== undefined)
    return null
  return { alg, jwk, challenge: jti, aud, signed: utf8(`${head}.${body}`), signature }
}

function jsonOf(part: string): Readonly<Record<string, unknown>> | null {
  const bytes = fromBase64url(part)
  if (bytes === null) return null
  try {
    const value: unknown = JSON.parse(fromUtf8(bytes))
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    return null
  }
}

/** Whether a proof says no other URL than this one: Chromium leaves `aud` out by default. */
export const isFor = ({ aud }: Proof, url: string) => aud === undefined || aud === url

/** The key in a registration's proof, reduced to what identifies it; `null` for one that is not accepted. */
export function readPublicKey(jwk: unknown): PublicKey | null {
  if (typeof jwk !== 'object' || jwk === null) return null
  const { kty, crv, x, y, n, e }: Readonly<Record<string, unknown>> = { ...jwk }
  if (kty === 'EC') return crv === 'P-256' && isCoordinate(x) && isCoordinate(y) ? { kty, crv, x, y } : null
  return kty === 'RSA' && isModulus(n) && e === 'AQAB' ? { kty, e, n } : null
}

/** Of 2048 to 4096 bits (RFC 7518 §3.3). */
function isModulus(n: unknown): n is string {
  const bytes = typeof n === 'string' && n.length < 1_000 ? fromBase64url(n) : null
  return bytes !== null && bytes.length >= 256 && bytes.length <= 512 && bytes[0] !== 0
}

const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const RS256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

/** Whether a proof was signed with the key, by the algorithm of that key. */
export async function isSignedBy(proof: Proof, key: PublicKey): Promise<boolean> {
  const [alg, algorithm] = key.kty === 'EC' ? (['ES256', ES256] as const) : (['RS256', RS256] as const)
  if (proof.alg !== alg) return false
  try {
    const imported = await crypto.subtle.importKey('jwk', { ...key }, algorithm, false, ['verify'])
    return await crypto.subtle.verify(algorithm, imported, proof.signature, proof.signed)
  } catch {
    // A point that is not on the curve.
    return false
  }
}
