import {
  isActive,
  type PluginContext,
  type RevocationCause,
  type SessionFilter,
  type SessionRecord,
} from '@bff/core'
import { revokeEarlier, withUserIds } from '@bff/core/authoring'

type Context = Pick<
  PluginContext,
  'stores' | 'sessionRevocation' | 'marks' | 'emit' | 'clock' | 'tokens' | 'lifecycle'
>

/**
 * Revokes the sessions of a subject that began at `before` or earlier, and refuses the sign-ins under way. Returns how many it
 * revoked.
 */
export async function revokeSessions(
  context: Context,
  filters: readonly SessionFilter[],
  before: number,
  by: RevocationCause,
): Promise<number> {
  let count = 0
  for (const filter of filters) {
    await context.marks.set(filter, by)
    // A session that the filter names began before the provider could speak of it.
    const limit = filter.providerSessionId === undefined ? before : Number.POSITIVE_INFINITY
    for (const { handle, userId } of await revokeEarlier(context, filter, limit, by)) {
      count++
      context.emit({ type: 'auth.logout', by: 'signal', handle, userId })
    }
  }
  return count
}

/** Concurrent writers of one session are few: past this many lost races the next refresh is soon enough. */
const ATTEMPTS = 5

/**
 * Has the tokens of a subject's sessions refreshed: a mark in each session makes it due, and the refresh itself is tried at
 * once, in the background. Returns how many it marked: a session without a refresh token is left alone.
 */
export async function refreshSessions(context: Context, filters: readonly SessionFilter[]): Promise<number> {
  const { stores, tokens, lifecycle } = context
  let count = 0
  for (const filter of filters.flatMap(withUserIds))
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await stores.sessions.list(filter, cursor === undefined ? {} : { cursor })
      for (const record of page.records) {
        const marked = await markDue(context, record)
        if (marked === null) continue
        count++
        // The mark stays when it fails, and the next use of the session tries again.
        lifecycle.run(() => tokens.refresh(marked)).catch(() => {})
      }
      cursor = page.next
    }
  return count
}

/** Returns the session with an access token that has to be replaced; `null` when it has ended or cannot be refreshed. */
async function markDue({ stores, clock }: Context, seen: SessionRecord): Promise<SessionRecord | null> {
  let record: SessionRecord | null = seen
  for (let attempt = 0; attempt < ATTEMPTS && record !== null; attempt++) {
    const now = clock.now()
    if (!isActive(record, now) || record.refreshTokenEncrypted === null) return null
    // Since the signal came, its tokens were replaced.
    if (attempt > 0 && record.accessTokenIssuedAt !== seen.accessTokenIssuedAt) return record
    const patch = { accessTokenExpiresAt: now - 1, updatedAt: now }
    const marked = await stores.sessions.update(record.handle, patch, record.version)
    if (marked !== null) return marked
    record = await stores.sessions.get(record.handle)
  }
  return null
}
