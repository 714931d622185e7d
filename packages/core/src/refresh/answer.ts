import type { TokenSet } from '../contracts/identity-provider.ts'
import type { Claims, SessionIdentity, SessionRecord, SessionTokens } from '../contracts/session.ts'
import { subjectOf } from '../internal/subject.ts'
import { refreshedClaims, type SealedIdentity } from '../session/seal.ts'

/** Returns whether refreshed claims are about another user (OpenID Connect Core §12.2, RFT-14). */
export function isAboutAnother(
  claims: Claims | null,
  session: Pick<SessionRecord, 'userId' | 'subject' | 'issuer'>,
) {
  const differs = (claim: unknown, expected: string) => claim !== undefined && claim !== expected
  const { issuer } = session
  return (
    claims !== null &&
    (differs(claims['sub'], subjectOf(session)) || (issuer !== null && differs(claims['iss'], issuer)))
  )
}

/**
 * Returns what is wrong with a provider's response to a refresh, for the operator; `null` when it is valid.
 *
 * The tokens must be bound to the session's own key, or to no key when it has none (RFC 9449 §5, DPO-07, DPO-13), and the
 * scope may shrink but not grow (RFC 6749 §6, RFT-15).
 */
export function answerFault(
  answer: TokenSet,
  tokens: SessionTokens,
  { scope }: SessionIdentity,
): string | null {
  const fault = keyFault(answer, tokens)
  if (fault !== null) return fault
  const granted = new Set(scope?.split(' '))
  if (scope !== null && answer.scope?.split(' ').some((name) => name !== '' && !granted.has(name)))
    return 'The provider granted more scope at the refresh than at sign-in.'
  return null
}

/** As {@link answerFault}, for the key alone. */
export function keyFault(answer: TokenSet, tokens: SessionTokens): string | null {
  return answer.dpopKeyPair?.thumbprint === tokens.dpopKeyPair?.thumbprint
    ? null
    : 'The provider bound the refreshed tokens to another key.'
}

/** Returns the tokens after a refresh: those of the response, and the old ones that it leaves out (RFC 6749 §6, RFT-01). */
export function mergeAnswer(
  answer: TokenSet,
  tokens: SessionTokens,
  identity: SealedIdentity,
  signInEndsAt: number | null,
): { tokens: SessionTokens; identity: SealedIdentity } {
  return {
    tokens: {
      accessToken: answer.accessToken,
      refreshToken: answer.refreshToken ?? tokens.refreshToken,
      idToken: answer.idToken ?? tokens.idToken,
      dpopKeyPair: tokens.dpopKeyPair,
    },
    identity: {
      ...refreshedClaims(identity, answer),
      scope: answer.scope ?? identity.scope,
      sessionState: identity.sessionState,
      signInEndsAt,
    },
  }
}
