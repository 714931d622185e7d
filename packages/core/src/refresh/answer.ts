import type { TokenSet } from '../contracts/identity-provider.ts'
import type { Claims, SessionIdentity, SessionRecord, SessionTokens } from '../contracts/session.ts'
import { refreshedClaims, type SealedIdentity } from '../session/seal.ts'

/** Whether the claims of a refreshed sign-in are about somebody else (RFT-14, OpenID Connect Core §12.2). */
export function isAboutAnother(
  claims: Claims | null,
  { userId, issuer }: Pick<SessionRecord, 'userId' | 'issuer'>,
) {
  const differs = (claim: unknown, expected: string) => claim !== undefined && claim !== expected
  return (
    claims !== null && (differs(claims['sub'], userId) || (issuer !== null && differs(claims['iss'], issuer)))
  )
}

/**
 * What is wrong with a provider's answer to a refresh, for the operator; `null` when it may be used.
 *
 * The tokens must be bound to the session's own key, or to none when it has none (DPO-07, DPO-13), and the scope
 * may shrink but not grow (RFT-15, RFC 6749 §6).
 */
export function answerFault(
  answer: TokenSet,
  tokens: SessionTokens,
  { scope }: SessionIdentity,
): string | null {
  if (answer.dpopKeyPair?.thumbprint !== tokens.dpopKeyPair?.thumbprint)
    return 'The provider bound the refreshed tokens to another key.'
  const granted = new Set(scope?.split(' '))
  if (scope !== null && answer.scope?.split(' ').some((name) => name !== '' && !granted.has(name)))
    return 'The provider refreshed with more scope than was granted.'
  return null
}

/** What a session holds after a refresh: the answer, and whatever the answer leaves out (RFT-01). */
export function mergeAnswer(
  answer: TokenSet,
  tokens: SessionTokens,
  identity: SealedIdentity,
): { tokens: SessionTokens; identity: SealedIdentity } {
  return {
    tokens: {
      accessToken: answer.accessToken,
      refreshToken: answer.refreshToken ?? tokens.refreshToken,
      idToken: answer.idToken ?? tokens.idToken,
      dpopKeyPair: tokens.dpopKeyPair,
    },
    identity: {
      ...refreshedClaims(identity, answer.claims),
      scope: answer.scope ?? identity.scope,
      sessionState: identity.sessionState,
    },
  }
}
