import { ApiError } from './api-error.ts'
import { PROOF_ALGORITHMS } from './dpop-proof.ts'

export type Scheme = 'Bearer' | 'DPoP'

export interface Refusal {
  /** The scheme the error is about: the one that was used. */
  readonly scheme: Scheme
  readonly status: 401 | 403
  readonly error: 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce' | 'insufficient_scope'
  readonly message: string
  readonly scope?: string
}

const REALM = 'realm="orders"'
const ALGORITHMS = `algs="${PROOF_ALGORITHMS.join(' ')}"`

/** No credentials: both schemes are offered, and no error is named (RFC 6750 3.1). */
export const unauthenticated = (): ApiError =>
  new ApiError(401, 'unauthenticated', 'Send an access token in the Authorization header.', {
    'WWW-Authenticate': [`Bearer ${REALM}`, `DPoP ${REALM}, ${ALGORITHMS}`],
  })

/** Credentials that will not do: the error stands in the challenge of the scheme that was used (RFC 9449 7.1). */
export function refuse(refusal: Refusal): ApiError {
  const scope = refusal.scope === undefined ? '' : `, scope="${refusal.scope}"`
  const detail = `, error="${refusal.error}", error_description="${refusal.message}"${scope}`
  const detailFor = (scheme: Scheme): string => (scheme === refusal.scheme ? detail : '')
  return new ApiError(refusal.status, refusal.error, refusal.message, {
    'WWW-Authenticate': [
      `Bearer ${REALM}${detailFor('Bearer')}`,
      `DPoP ${REALM}, ${ALGORITHMS}${detailFor('DPoP')}`,
    ],
  })
}
