import type { EndpointContext, Session } from '@bff/core'
import { sha256Base64url } from '../crypto/hash.ts'

/** What of a session a logout at the provider was about. */
type Marked = 'sid' | 'sub'

/** Clocks of the app's own servers may be this far apart. */
const OWN_CLOCKS_MS = 1_000
/** A callback that has begun in time may still wait for the provider this long. */
const EXCHANGE_MS = 60_000

/**
 * Remembers logouts for as long as a sign-in that began before them can still arrive (LGO-12). Set before sessions are
 * ended and looked at after one is stored, so that of the two at least one sees the other. No login clears them.
 */
export interface LogoutMarks {
  set(kind: Marked, issuer: string, name: string): Promise<void>
  /** Whether a logout of the session, or of its user, came after its sign-in began. */
  cover(session: Session, startedAt: number): Promise<boolean>
}

export function createLogoutMarks({
  options,
  stores,
  clock,
}: Pick<EndpointContext, 'options' | 'stores' | 'clock'>): LogoutMarks {
  const lifeMs = options.login.transactionTtlMs + EXCHANGE_MS

  // Hashed: names come from outside and may be of any length.
  const keyOf = async (kind: Marked, issuer: string, name: string) =>
    `logout-${kind}:${await sha256Base64url(JSON.stringify([issuer, name]))}`

  async function isCovered(kind: Marked, issuer: string, name: string, startedAt: number): Promise<boolean> {
    const mark = await stores.ttl.get(await keyOf(kind, issuer, name))
    return mark !== null && startedAt <= Number(mark)
  }

  return {
    async set(kind, issuer, name) {
      await stores.ttl.set(await keyOf(kind, issuer, name), String(clock.now() + OWN_CLOCKS_MS), lifeMs)
    },
    async cover({ issuer, providerSessionId, userId }, startedAt) {
      if (issuer === null) return false
      if (providerSessionId !== null && (await isCovered('sid', issuer, providerSessionId, startedAt)))
        return true
      return isCovered('sub', issuer, userId, startedAt)
    },
  }
}
