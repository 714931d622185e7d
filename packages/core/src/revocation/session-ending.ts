import type { Clock } from '../contracts/clock.ts'
import type { Encryptor } from '../contracts/encryptor.ts'
import type { Emit } from '../contracts/events.ts'
import type { SessionHandle, SessionRecord, SessionTokens } from '../contracts/session.ts'
import type { EndedBy, LogoutMarks, SessionEnding } from '../contracts/session-ending.ts'
import type { SessionFilter, SessionStore } from '../contracts/session-store.ts'
import type { TokenRevocation } from '../contracts/token-revocation.ts'
import { openTokens } from '../session/seal.ts'

export interface EndingDependencies {
  readonly store: SessionStore
  readonly encryptor: Encryptor
  readonly revocation: TokenRevocation
  readonly marks: LogoutMarks
  readonly clock: Clock
  readonly emit: Emit
}

const EVICTED_BY = { reasonCode: 'session_limit', actorType: 'system', actorId: null } as const
/** The most a page of a store may hold. */
const PAGE = 1000

export function createEnding({
  store,
  encryptor,
  revocation,
  marks,
  clock,
  emit,
}: EndingDependencies): SessionEnding {
  // A revocation wipes the tokens, and a refresh may have replaced those that a request has read.
  const lastTokens = async (record: SessionRecord | null) =>
    record?.revocation === null ? openTokens(encryptor, record).catch(() => null) : null

  async function allLastTokens(filter: SessionFilter): Promise<Map<SessionHandle, SessionTokens>> {
    const found = new Map<SessionHandle, SessionTokens>()
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await store.list(filter, { limit: PAGE, ...(cursor !== undefined && { cursor }) })
      for (const record of page.records) {
        const tokens = record.refreshTokenEncrypted === null ? null : await lastTokens(record)
        if (tokens !== null) found.set(record.handle, tokens)
      }
      cursor = page.next
    }
    return found
  }

  function ended(
    owner: Pick<SessionRecord, 'handle' | 'userId' | 'subject' | 'issuer' | 'provider'>,
    { reasonCode, actorType }: EndedBy,
    tokens: SessionTokens | null | undefined,
  ): void {
    const { handle, userId } = owner
    emit({ type: 'session.revoked', handle, userId, reasonCode, actorType })
    if (tokens) revocation.revoke(owner, tokens)
  }

  return {
    async end(handle, by, { revokeTokens = true } = {}) {
      const last = await store.get(handle)
      const tokens = await lastTokens(last)
      const outcome = await store.revoke(handle, { ...by, at: clock.now() })
      if (outcome === null) return null
      if (outcome.outcome === 'revoked') ended(outcome.record, by, revokeTokens ? tokens : null)
      return { outcome: outcome.outcome, tokens }
    },

    async endAll(filter, by) {
      const [marked] = await Promise.allSettled([marks.set(filter, by)])
      const tokens = revocation.isOn ? await allLastTokens(filter) : null
      const { records } = await store.revokeAll(filter, { ...by, at: clock.now() })
      for (const record of records) ended(record, by, tokens?.get(record.handle))
      // The sessions have ended, but an earlier sign-in must not bring the user back after the caller learns so.
      if (marked.status === 'rejected') throw marked.reason
      return records
    },

    async evicting(user, create) {
      const { userId, issuer } = user
      const tokens = revocation.isUnconditional ? await allLastTokens({ userId, issuer }) : null
      const { evicted } = await create()
      for (const handle of evicted) ended({ ...user, handle }, EVICTED_BY, tokens?.get(handle))
    },
  }
}
