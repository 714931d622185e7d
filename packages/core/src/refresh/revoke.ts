import type { TokenSet } from '../contracts/identity-provider.ts'
import type { SessionRecord, SessionTokens } from '../contracts/session.ts'
import type { SessionRevocation } from '../contracts/session-revocation.ts'
import type { RefresherDependencies } from './dependencies.ts'

/**
 * Revokes a session whose refresh token has been used, so that the provider need not revoke it. Returns `false` when the session
 * had already been revoked.
 */
export async function revokeWithoutTokens(
  sessionRevocation: SessionRevocation,
  { handle }: SessionRecord,
  reasonCode: string,
  actorType: string,
): Promise<boolean> {
  const revoked = await sessionRevocation.revoke(
    handle,
    { reasonCode, actorType, actorId: null },
    { revokeTokens: false },
  )
  return revoked?.outcome === 'revoked'
}

/** The cookie has another user's tokens: regardless of the cause, the session must end (RFT-14). */
export async function revokeMismatched(
  {
    emit,
    sessionRevocation,
    tokenRevocation,
  }: Pick<RefresherDependencies, 'emit' | 'sessionRevocation' | 'tokenRevocation'>,
  before: SessionRecord,
  answer: TokenSet,
  tokens: SessionTokens,
): Promise<null> {
  const { handle, userId } = before
  emit({ type: 'refresh.subject_mismatch', handle, userId })
  await revokeWithoutTokens(sessionRevocation, before, 'subject_mismatch', 'system')
  tokenRevocation.revoke(before, { ...tokens, refreshToken: answer.refreshToken })
  return null
}
