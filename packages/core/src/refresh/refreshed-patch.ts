import type { Clock } from '../contracts/clock.ts'
import type { RefreshOptions } from '../contracts/config-sections.ts'
import type { Encryptor } from '../contracts/encryptor.ts'
import type { TokenSet } from '../contracts/identity-provider.ts'
import type { ResolvedOptions } from '../contracts/resolved-options.ts'
import type { SessionPatch, SessionRecord, SessionTokens } from '../contracts/session.ts'
import { endOfSignIn } from '../session/end-of-sign-in.ts'
import { type SealedIdentity, sealIdentity, sealTokens } from '../session/seal.ts'
import { earlierOf, refreshedTimes } from '../session/token-times.ts'
import { mergeAnswer } from './answer.ts'

export interface PatchDependencies {
  readonly encryptor: Encryptor
  readonly clock: Clock
  readonly options: Required<RefreshOptions> & Pick<ResolvedOptions['session'], 'maxAuthenticationAgeMs'>
}

/** The change of the record after a refresh. */
export async function refreshedPatch(
  { encryptor, clock, options }: PatchDependencies,
  base: SessionRecord,
  answer: TokenSet,
  before: SessionTokens,
  beforeIdentity: SealedIdentity,
): Promise<SessionPatch> {
  const now = clock.now()
  const earlierEnd = beforeIdentity.signInEndsAt ?? null
  // A response without the claims takes nothing back.
  const end = endOfSignIn(answer.claims, options.maxAuthenticationAgeMs, now) ?? earlierEnd
  const { tokens, identity } = mergeAnswer(answer, before, beforeIdentity, end)
  const times = refreshedTimes(answer, base, options.defaultTokenLifeMs, now)
  // The end of the sign-in had hidden that of the refresh token, which is later.
  const tokenEnd = times.refreshTokenExpiresAt === earlierEnd ? null : times.refreshTokenExpiresAt
  return {
    // All of them, also the unchanged: so none stays sealed with an old key (CRY-06).
    ...(await sealTokens(encryptor, base.handle, tokens)),
    claimsEncrypted: await sealIdentity(encryptor, base.handle, identity),
    ...times,
    refreshTokenExpiresAt: earlierOf(tokenEnd, end),
    updatedAt: now,
  }
}
