import type { Clock } from '../contracts/clock.ts'
import type { Emit } from '../contracts/events.ts'
import type { Revocation, SessionHandle, SessionRecord, SessionTokens } from '../contracts/session.ts'
import type { LogoutMarks, RevocationCause, SessionRevocation } from '../contracts/session-revocation.ts'
import type { SessionFilter, SessionStore } from '../contracts/session-store.ts'
import type { TokenRevocation } from '../contracts/token-revocation.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { isExpired } from '../internal/lifetime.ts'

/** What is reported of a session that has ended. */
export type EndedSession = Pick<SessionRecord, 'handle' | 'userId' | 'subject' | 'issuer' | 'provider'>

interface ManyDependencies {
  readonly store: SessionStore
  readonly tokenRevocation: TokenRevocation
  readonly marks: LogoutMarks
  readonly clock: Clock
  readonly emit: Emit
  /** `null` for a session without tokens, or when they cannot be opened. */
  readonly lastTokens: (record: SessionRecord) => Promise<SessionTokens | null>
  readonly report: (
    owner: EndedSession,
    by: RevocationCause,
    tokens: SessionTokens | null | undefined,
  ) => void
}

/** The tokens of each session that was read and not revoked; `null` of one without a refresh token. */
type TokensBySession = Map<SessionHandle, SessionTokens | null>

const EVICTED_BY = { reasonCode: 'session_limit', actorType: 'system', actorId: null } as const
/** The most a page of a store may hold. */
const PAGE = 1000

const INCOMPLETE =
  'Not all sessions are revoked, because the session store did not answer. Try again: it revokes the rest.'

/** Whether this revocation ended the session while it was active. */
function isOf({ at, reasonCode, actorType }: Revocation, record: SessionRecord): boolean {
  const found = record.revocation
  return (
    found?.at === at &&
    found.reasonCode === reasonCode &&
    found.actorType === actorType &&
    !isExpired(record, at)
  )
}

/** What `SessionRevocation` does with several sessions at once. */
export function createManyRevocations({
  store,
  tokenRevocation,
  marks,
  clock,
  emit,
  lastTokens,
  report,
}: ManyDependencies): Pick<SessionRevocation, 'revokeAll' | 'evicting'> {
  async function readTokens(filter: SessionFilter, into: TokensBySession): Promise<void> {
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await store.list(filter, { limit: PAGE, ...(cursor !== undefined && { cursor }) })
      for (const record of page.records)
        if (record.revocation === null)
          into.set(record.handle, record.refreshTokenEncrypted === null ? null : await lastTokens(record))
      cursor = page.next
    }
  }

  async function revokeAll(filter: SessionFilter, by: RevocationCause): Promise<readonly SessionRecord[]> {
    const [marked] = await Promise.allSettled([marks.set(filter, by)])
    const tokens: TokensBySession = new Map()
    // What cannot be read here must not stay alive for it: the rest of a Cluster may answer.
    const isRead =
      !tokenRevocation.isOn ||
      (await readTokens(filter, tokens).then(
        () => true,
        () => false,
      ))
    const revoked = new Set<SessionHandle>()
    const onRevoked = (record: SessionRecord): void => {
      const { handle, userId } = record
      if (revoked.has(handle)) return
      revoked.add(handle)
      report(record, by, tokens.get(handle))
      if (!isRead && !tokens.has(handle)) emit({ type: 'revocation.dropped', reason: 'unread', userId })
    }
    const revocation = { ...by, at: clock.now() }
    try {
      const { records } = await store.revokeAll(filter, revocation, onRevoked)
      for (const record of records) onRevoked(record)
      // The sessions are revoked, but an earlier sign-in must not bring the user back after the caller learns so.
      if (marked.status === 'rejected') throw marked.reason
      return records
    } catch (cause) {
      if (isBffError(cause, 'invalid_argument')) throw cause
      // A write whose answer was lost has happened all the same: its tokens are wiped, and the next call does not name it.
      const unknown = [...tokens.keys()].filter((handle) => !revoked.has(handle))
      for (const read of await Promise.allSettled(unknown.map((handle) => store.get(handle))))
        if (read.status === 'fulfilled' && read.value !== null && isOf(revocation, read.value))
          onRevoked(read.value)
      const { reasonCode, actorType } = by
      const userId = filter.userId ?? null
      emit({ type: 'revocation.incomplete', revoked: revoked.size, userId, reasonCode, actorType, cause })
      if (!isBffError(cause, 'store_unavailable')) throw cause
      throw new BffError('store_unavailable', INCOMPLETE, { cause })
    }
  }

  const evicting: SessionRevocation['evicting'] = async (user, create) => {
    const { userId, issuer } = user
    const tokens: TokensBySession = new Map()
    if (tokenRevocation.isUnconditional) await readTokens({ userId, issuer }, tokens)
    const { evicted } = await create()
    for (const handle of evicted) report({ ...user, handle }, EVICTED_BY, tokens.get(handle))
  }

  return { revokeAll, evicting }
}
