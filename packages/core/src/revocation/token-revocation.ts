import type { Clock } from '../contracts/clock.ts'
import type { Emit } from '../contracts/events.ts'
import type { IdentityProvider } from '../contracts/identity-provider.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import type { RevocationPolicy, TokenOwner, TokenRevocation } from '../contracts/token-revocation.ts'
import { filtersOfSubject } from '../internal/subject.ts'
import { createRevocationQueue } from './revocation-queue.ts'

export interface TokenRevocationDependencies {
  readonly store: SessionStore
  /** `null`: there is no provider to call. */
  readonly provider: IdentityProvider | null
  readonly policy: RevocationPolicy
  readonly clock: Clock
  readonly emit: Emit
}

export function createTokenRevocation({
  store,
  provider,
  policy,
  clock,
  emit,
}: TokenRevocationDependencies): TokenRevocation {
  if (provider === null || policy === 'never')
    return { isOn: false, isUnconditional: false, revoke() {}, async close() {} }
  const queue = createRevocationQueue({ provider, clock, emit })

  const mayBeShared = (owner: TokenOwner) => policy !== 'always' && provider.sharesGrants(owner) !== false

  async function isWanted(owner: TokenOwner): Promise<boolean> {
    if (!mayBeShared(owner)) return true
    const subject = owner.subject ?? owner.userId
    if (subject === null) return false
    for (const filter of filtersOfSubject(owner.issuer, subject))
      if ((await store.countActive(filter, clock.now())) > 0) return false
    return true
  }

  return {
    isOn: true,
    isUnconditional: policy === 'always',
    revoke(owner, { refreshToken: token, dpopKeyPair }) {
      if (token === null) return
      const { userId, issuer, provider: name = null } = owner
      if (!provider.isMaker(owner))
        return emit({ type: 'revocation.dropped', reason: 'other_provider', userId })
      queue.add({
        userId,
        request: { token, hint: 'refresh_token', dpopKeyPair, issuer, provider: name },
        mayBeShared: mayBeShared(owner),
        isWanted: () => isWanted(owner),
      })
    },
    close: () => queue.close(),
  }
}
