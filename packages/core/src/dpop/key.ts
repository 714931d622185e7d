import { fromBase64url, toBase64url, utf8 } from '../crypto/encoding.ts'
import { sha256Base64url } from '../crypto/hash.ts'
import type { NodeCrypto } from '../crypto/platform.ts'
import { BffError } from '../errors.ts'
import type { DpopKeyPair } from '../session/model.ts'
import { createLruMap } from './lru.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
/** Importing a key costs more than signing with it, and a session's key signs every call of that session. */
const SIGNERS = createLruMap<DpopSigner>(1000)

/** A private key imported and ready, with the part of the proof that never changes. */
export interface DpopSigner {
  /** The proof's protected header, encoded. */
  readonly header: string
  /** An ES256 signature in the form JWS wants: r and s, 32 bytes each. */
  sign(data: Uint8Array<ArrayBuffer>): Uint8Array | Promise<ArrayBuffer>
}

/** A new P-256 key pair for RFC 9449 proofs (ES256). */
export async function generateDpopKeyPair(): Promise<DpopKeyPair> {
  const { privateKey } = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const pair = await toKeyPair(await crypto.subtle.exportKey('jwk', privateKey))
  if (pair === null) throw new BffError('internal_error')
  return pair
}

/** The key pair as JSON `{d,x,y,crv,thumbprint}` (S1-52). It holds the private key: seal it (DPO-16). */
export function serializeDpopKeyPair({ privateJwk, thumbprint }: DpopKeyPair): string {
  const { d, x, y, crv } = privateJwk
  return JSON.stringify({ d, x, y, crv, thumbprint })
}

/**
 * Reads {@link serializeDpopKeyPair}'s text back, recomputing the thumbprint.
 *
 * @throws BffError `seal_broken` for anything but a P-256 key pair with its own thumbprint
 */
export async function deserializeDpopKeyPair(text: string): Promise<DpopKeyPair> {
  const stored = parseObject(text)
  const pair = await toKeyPair(stored)
  if (pair === null || pair.thumbprint !== stored.thumbprint) throw new BffError('seal_broken')
  return pair
}

interface Candidate {
  readonly crv?: unknown
  readonly x?: unknown
  readonly y?: unknown
  readonly d?: unknown
  readonly thumbprint?: unknown
}

function parseObject(text: string): Candidate {
  try {
    return { ...JSON.parse(text) }
  } catch {
    throw new BffError('seal_broken')
  }
}

async function toKeyPair({ crv, x, y, d }: Candidate): Promise<DpopKeyPair | null> {
  if (crv !== 'P-256' || !isCoordinate(x) || !isCoordinate(y) || !isCoordinate(d)) return null
  const publicJwk = { kty: 'EC', crv, x, y }
  // RFC 7638 §3.2: the required members in lexicographic order, no white space.
  const thumbprint = await sha256Base64url(JSON.stringify({ crv, kty: 'EC', x, y }))
  return { privateJwk: { ...publicJwk, d }, publicJwk, thumbprint }
}

function isCoordinate(value: unknown): value is string {
  return typeof value === 'string' && fromBase64url(value)?.length === 32
}

/**
 * The signer of a key pair, from the cache when it signed lately.
 *
 * @throws BffError `dpop_failed` when the key is no P-256 private key
 */
export async function dpopSigner({ privateJwk }: DpopKeyPair, node: NodeCrypto | null): Promise<DpopSigner> {
  const { d, x, y } = privateJwk
  // The whole key is in the name: only who holds that very key reaches its entry.
  const name = `${node !== null} ${d} ${x} ${y}`
  let signer = SIGNERS.get(name)
  if (signer === undefined) {
    signer = await importSigner(privateJwk, node)
    SIGNERS.set(name, signer)
  }
  return signer
}

async function importSigner(privateJwk: JsonWebKey, node: NodeCrypto | null): Promise<DpopSigner> {
  const { d, x, y } = privateJwk
  // OpenSSL takes an empty private key for one.
  if (!isCoordinate(d) || !isCoordinate(x) || !isCoordinate(y)) throw new BffError('dpop_failed')
  const publicJwk = { kty: 'EC', crv: 'P-256', x, y }
  const header = toBase64url(utf8(JSON.stringify({ alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk })))
  const jwk = { ...publicJwk, d }
  try {
    if (node) {
      const key = node.createPrivateKey({ key: jwk, format: 'jwk' })
      return { header, sign: (data) => node.sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }) }
    }
    const key = await crypto.subtle.importKey('jwk', jwk, ALGORITHM, false, ['sign'])
    return { header, sign: (data) => crypto.subtle.sign(ALGORITHM, key, data) }
  } catch {
    throw new BffError('dpop_failed')
  }
}
