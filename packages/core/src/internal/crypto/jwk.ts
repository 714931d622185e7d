import type { DpopKeyPair } from '../../contracts/session.ts'
import { fromBase64url } from './encoding.ts'
import { sha256Base64url } from './hash.ts'

interface Candidate {
  readonly crv?: unknown
  readonly x?: unknown
  readonly y?: unknown
  readonly d?: unknown
}

/** A P-256 key pair with its thumbprint from the members of a private JWK; `null` when they are not such a key. */
export async function toKeyPair({ crv, x, y, d }: Candidate): Promise<DpopKeyPair | null> {
  if (crv !== 'P-256' || !isCoordinate(x) || !isCoordinate(y) || !isCoordinate(d)) return null
  // RFC 7638 §3.2: the required members in lexicographic order, no white space.
  const publicJwk = { crv, kty: 'EC', x, y }
  const thumbprint = await sha256Base64url(JSON.stringify(publicJwk))
  return { privateJwk: { ...publicJwk, d }, publicJwk, thumbprint }
}

export function isCoordinate(value: unknown): value is string {
  return typeof value === 'string' && fromBase64url(value)?.length === 32
}
