import type { Clock } from '../contracts/clock.ts'
import type { Emit } from '../contracts/events.ts'
import type { IdentityProvider } from '../contracts/identity-provider.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import type { RevocationPolicy, TokenOwner, TokenRevocation } from '../contracts/token-revocation.ts'
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

  const mayBeShared = ({ issuer }: TokenOwner) =>
    policy !== 'always' && provider.sharesGrants(issuer) !== false

  async function isWanted(owner: TokenOwner): Promise<boolean> {
    if (!mayBeShared(owner)) return true
    const { userId, issuer } = owner
    return userId !== null && (await store.countActive({ userId, issuer }, clock.now())) === 0
  }

  return {
    isOn: true,
    isUnconditional: policy === 'always',
    revoke(owner, { refreshToken: token, dpopKeyPair }) {
      if (token === null) return
      queue.add({
        userId: owner.userId,
        request: { token, hint: 'refresh_token', dpopKeyPair },
        mayBeShared: mayBeShared(owner),
        isWanted: () => isWanted(owner),
      })
    },
    close: () => queue.close(),
  }
}
