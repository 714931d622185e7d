import type { RefreshRequest } from '@bff/core'
import type { Client } from './client.ts'
import { refreshedIdToken } from './id-token.ts'
import type { RefreshedIdentity } from './refresh.ts'
import { type TokenAnswer, tokensOf } from './token-answer.ts'
import type { Call } from './transport.ts'
import { fetchUserInfo, isUserInfoWanted } from './userinfo.ts'

/** The refreshed tokens, which may be the session's only ones, wait no longer for the claims to be stored. */
const USER_INFO_TIMEOUT_MS = 2_000

/**
 * Returns what a refresh says about the user: the verified ID token, and the userinfo response when it is wanted. Without a
 * userinfo response, also when it is about another user, the session keeps the claims that it has.
 */
export async function refreshedIdentity(
  client: Client,
  { signal }: Call,
  answer: TokenAnswer,
  { subject, issuer, scope, dpopKeyPair }: RefreshRequest,
): Promise<RefreshedIdentity> {
  const { settings, userInfoBreaker } = client
  const identity = await refreshedIdToken(client, answer, subject, signal)
  const granted = answer.scope ?? scope ?? settings.scope
  try {
    if (!(await isUserInfoWanted(client, identity.claims, granted, signal))) return identity
    const userInfo = await fetchUserInfo(client, tokensOf(answer, dpopKeyPair), {
      subject,
      issuer,
      signal,
      timeoutMs: Math.min(settings.timeoutMs, USER_INFO_TIMEOUT_MS),
      admit: () => userInfoBreaker.admit(subject),
    })
    return { ...identity, userInfo }
  } catch {
    return identity
  }
}
