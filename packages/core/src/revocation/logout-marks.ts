import type { Clock } from '../contracts/clock.ts'
import type { LogoutMarks, MarkedSession } from '../contracts/session-revocation.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import { sha256Base64url } from '../internal/crypto/hash.ts'

/** How far the clocks of the app's own servers may differ. */
export const OWN_CLOCKS_MS = 300_000
/** How long a callback that began in time may still wait for the provider. */
const EXCHANGE_MS = 60_000
const LATEST = 'logout-latest'

export function createLogoutMarks(ttl: TtlStore, clock: Clock, transactionTtlMs: number): LogoutMarks {
  const lifeMs = transactionTtlMs + EXCHANGE_MS + 2 * OWN_CLOCKS_MS

  const timeAt = async (key: string): Promise<number | null> => {
    const time = await ttl.get(key)
    return time === null ? null : Number(time)
  }

  async function isOwnerMarked(owner: readonly unknown[], began: number): Promise<boolean> {
    const time = await timeAt(await ownerKey(owner))
    return time !== null && began <= time
  }

  return {
    async begin() {
      // When the store does not answer, it counts as an older one: refused too often, never too rarely.
      return Math.max(clock.now(), ((await timeAt(LATEST).catch(() => 0)) ?? 0) + 1)
    },

    // Loaded with the first of them: ending sessions together is rare, and so is a sign-in that finds out.
    set: async (filter, by) =>
      (await import('./marked-filters.ts')).setMark(filter, by, {
        ttl,
        lifeMs,
        time: clock.now() + OWN_CLOCKS_MS,
        latestKey: LATEST,
        ownerKey,
      }),

    async find(session, began) {
      const marked = await Promise.all(ownersOf(session).map((owner) => isOwnerMarked(owner, began)))
      return marked.includes(true)
        ? (await import('./marked-filters.ts')).findMark(ttl, session, began)
        : null
    },
  }
}

function ownersOf({ userId, organizationId, issuer, subject, providerSessionId }: MarkedSession) {
  return [
    ['any'],
    ['user', userId],
    ...(organizationId === null ? [] : [['organization', organizationId]]),
    ...(issuer === null || subject === null ? [] : [['subject', issuer, subject]]),
    ...(issuer === null || providerSessionId === null ? [] : [['sid', issuer, providerSessionId]]),
  ]
}

// Hashed: names come from outside and may be of any length.
const ownerKey = async (owner: readonly unknown[]) =>
  `logout-owner:${await sha256Base64url(JSON.stringify(owner))}`
