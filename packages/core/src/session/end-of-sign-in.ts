import type { Claims } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { isBefore } from '../internal/lifetime.ts'

/**
 * Returns when the sign-in ends that the claims of an ID token are about: at the provider's `session_expiry` (IPSIE), or when
 * the user's authentication has reached its greatest age. `null` when the claims say neither.
 *
 * @param maxAgeMs `0`: any age
 */
export function endOfSignIn(claims: Claims | null, maxAgeMs: number, now: number): number | null {
  const { session_expiry: expiry, auth_time: authenticated } = claims ?? {}
  const end = Math.min(
    typeof expiry === 'number' ? expiry * 1000 : Infinity,
    // A provider whose clock is ahead must not lengthen a session.
    maxAgeMs > 0 && typeof authenticated === 'number'
      ? Math.min(authenticated * 1000, now) + maxAgeMs
      : Infinity,
  )
  return end < Infinity ? end : null
}

/**
 * Returns the end of a new sign-in, which authenticates its user now when the provider does not say when it did.
 *
 * @throws BffError `login_failed` when it has passed: each request would begin the next sign-in
 */
export function endOfNewSignIn(claims: Claims | null, maxAgeMs: number, now: number): number | null {
  const end = endOfSignIn({ auth_time: now / 1000, ...claims }, maxAgeMs, now)
  if (end === null || isBefore(now, end)) return end
  throw new BffError('login_failed', 'The sign-in at the identity provider has ended already. Sign in again.')
}
