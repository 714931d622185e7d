import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, type JWTPayload, jwtVerify } from 'jose'
import type { DpopNonces } from './dpop-nonces.ts'
import type { ReplayMemory } from './replay-memory.ts'

export const PROOF_ALGORITHMS = ['ES256', 'ES384', 'PS256', 'RS256', 'EdDSA', 'Ed25519'] as const
const WINDOW_SECONDS = 60
const MAX_JTI_LENGTH = 256

export interface ProofVerifier {
  readonly replays: ReplayMemory
  /** `null`: proofs need no nonce. */
  readonly nonces: DpopNonces | null
}

export interface ProofExpectation {
  readonly method: string
  /** Path as requested, without the query. */
  readonly path: string
  /** Origins this API is reached at. */
  readonly origins: readonly string[]
  readonly accessToken: string
  /** `cnf.jkt` of the access token. */
  readonly thumbprint: string
  /** Milliseconds. */
  readonly now: number
}

export type ProofVerdict = 'valid' | 'nonce' | 'full' | { readonly flaw: string }

/** Checks a proof in the order and to the letter of RFC 9449 4.3 and 7.1; only a valid one is remembered. */
export async function verifyProof(
  proof: string,
  expected: ProofExpectation,
  { replays, nonces }: ProofVerifier,
): Promise<ProofVerdict> {
  const verified = await jwtVerify(proof, EmbeddedJWK, {
    typ: 'dpop+jwt',
    algorithms: [...PROOF_ALGORITHMS],
    currentDate: new Date(expected.now),
  }).catch(() => null)
  const jwk = verified?.protectedHeader.jwk
  if (verified == null || jwk === undefined) return { flaw: 'it is not a proof signed by the key it carries' }

  const { payload } = verified
  const flaw = flawOf(payload, expected)
  if (flaw !== null) return { flaw }
  if ((await calculateJwkThumbprint(jwk)) !== expected.thumbprint) {
    return { flaw: 'its key is not the one the access token is bound to' }
  }
  const { nonce, jti = '', iat = 0 } = payload
  if (nonces !== null && !(typeof nonce === 'string' && nonces.accepts(nonce, expected.now))) return 'nonce'

  const expiresAt = (iat + WINDOW_SECONDS) * 1000
  const memory = replays.add(`${expected.thumbprint}.${jti}`, expiresAt, expected.now)
  if (memory === 'seen') return { flaw: 'it was used before' }
  return memory === 'full' ? 'full' : 'valid'
}

function flawOf(payload: JWTPayload, expected: ProofExpectation): string | null {
  const { jti, iat } = payload
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_LENGTH) return 'it has no usable jti'
  if (payload['htm'] !== expected.method) return 'its htm is another method'
  if (!isTarget(payload['htu'], expected)) return 'its htu is another URL'
  if (typeof iat !== 'number' || Math.abs(expected.now / 1000 - iat) > WINDOW_SECONDS) {
    return 'it was not made just now'
  }
  const hash = createHash('sha256').update(expected.accessToken).digest('base64url')
  return payload['ath'] === hash ? null : 'its ath is of another access token'
}

function isTarget(htu: unknown, { origins, path }: ProofExpectation): boolean {
  if (typeof htu !== 'string' || !URL.canParse(htu)) return false
  const named = new URL(htu)
  return origins.some((origin) => {
    const target = new URL(path, origin)
    return named.origin === target.origin && named.pathname === target.pathname
  })
}
