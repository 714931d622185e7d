import type { Clock } from '../contracts/clock.ts'
import type { SessionRecord } from '../contracts/session.ts'
import type { LogoutMarks, RevocationCause, SessionRevocation } from '../contracts/session-revocation.ts'
import type { AnyOwnerFilter, Page, SessionFilter, SessionStore } from '../contracts/session-store.ts'
import type { SessionSummaries, SessionSummary } from '../contracts/sessions.ts'
import { isExpired } from '../internal/lifetime.ts'

/** Sessions that are revoked at once. */
const BATCH = 20

export interface RevokePageDependencies<Metadata> {
  readonly store: SessionStore
  readonly clock: Clock
  readonly sessionRevocation: SessionRevocation
  readonly marks: LogoutMarks
  readonly summaryOf: (record: SessionRecord) => SessionSummary<Metadata>
}

/**
 * What `sessions.revokePage` does. Idle sessions are revoked too, as a write under way could still wake them (SS-19), but only
 * those that were active are returned.
 */
export async function revokePage<Metadata>(
  filter: SessionFilter | AnyOwnerFilter,
  by: RevocationCause,
  page: Page | undefined,
  { store, clock, sessionRevocation, marks, summaryOf }: RevokePageDependencies<Metadata>,
): Promise<SessionSummaries<Metadata>> {
  // A mark for each page would refuse each sign-in that it interrupts.
  if (page?.cursor === undefined) await marks.set(filter, by)
  const { records, next } = await store.list(filter, page)
  const now = clock.now()
  const revocable = records.filter(
    ({ revocation, absoluteExpiresAt }) => revocation === null && now <= absoluteExpiresAt,
  )
  const sessions: SessionSummary<Metadata>[] = []
  for (let from = 0; from < revocable.length; from += BATCH) {
    const batch = revocable.slice(from, from + BATCH)
    const revoked = await Promise.all(batch.map(({ handle }) => sessionRevocation.revoke(handle, by)))
    for (const [index, record] of batch.entries()) {
      if (revoked[index]?.outcome !== 'revoked' || isExpired(record, now)) continue
      sessions.push(summaryOf({ ...record, revocation: { ...by, at: now } }))
    }
  }
  return { sessions, next }
}
