import type { BffEvent, Clock, EventBus } from '@bff/core'
import { createLru } from '@bff/core/authoring'
import type { AccessClaims } from './tokens/claims.ts'
import type { Denylist } from './tokens/denylist.ts'
import type { FamilyState } from './tokens/family-state.ts'
import type { TokenFlaw, Tokens } from './tokens/tokens.ts'

/** Checks whether access tokens are valid now. */
export interface AccessCheck {
  /**
   * Returns the claims of a valid token, or why it is refused. An access token is revoked with its refresh token and with
   * its family.
   *
   * @throws BffError `store_unavailable` when the store does not answer: then no token is accepted (JWT-04)
   */
  check(token: string): Promise<AccessClaims | TokenFlaw | 'revoked'>
  close(): Promise<void>
}

export interface AccessCheckDependencies {
  readonly tokens: Tokens
  readonly denylist: Denylist
  readonly state: FamilyState
  readonly events: EventBus
  readonly clock: Clock
  readonly cacheMs: number
}

const MAX_REMEMBERED = 10_000

export function createAccessCheck(dependencies: AccessCheckDependencies): AccessCheck {
  const { tokens, denylist, state, clock, cacheMs } = dependencies
  /** Tokens found good: until when, on the monotonic clock, that is not asked again. */
  const found = createLru<{ readonly claims: AccessClaims; readonly until: number }>(MAX_REMEMBERED)
  let signOuts = 0
  const hearing = cacheMs === 0 ? null : hear(dependencies.events, forget)

  /** Drops all tokens of that user: a token that was dropped without need is only checked again. */
  function forget(event: BffEvent): void {
    if (event.type !== 'auth.logout' || event.by !== 'wallet') return
    signOuts++
    for (const [token, { claims }] of found.entries())
      if (claims.sub === event.user_address) found.delete(token)
  }

  return {
    async check(token) {
      const known = found.get(token)
      const isKnown = known !== undefined && clock.monotonic() < known.until
      if (isKnown && clock.now() < known.claims.exp * 1000) return known.claims
      found.delete(token)
      const claims = await tokens.verify('access', token)
      if (typeof claims === 'string') return claims
      // Without events about sign-outs, or just after one, the result must not be cached.
      const isHearing = hearing !== null && (await hearing.isOn())
      const signOutsBefore = signOuts
      const [isUsed, lives] = await Promise.all([denylist.denies(claims.rid), state.lives(claims.sid)])
      if (isUsed || !lives) return 'revoked'
      if (isHearing && signOuts === signOutsBefore)
        found.set(token, { claims, until: clock.monotonic() + cacheMs })
      return claims
    },
    close: async () => hearing?.close(),
  }
}

/** Subscribes to sign-outs at the first check; after a failure of the bus it tries again at the next check. */
function hear(events: EventBus, handler: (event: BffEvent) => void) {
  let subscription: Promise<() => Promise<void>> | null = null
  return {
    async isOn(): Promise<boolean> {
      subscription ??= events.subscribe('auth.logout', handler)
      try {
        await subscription
        return true
      } catch {
        subscription = null
        return false
      }
    },
    async close(): Promise<void> {
      const unsubscribe = await subscription?.catch(() => null)
      await unsubscribe?.()
    },
  }
}
