import type { Clock } from '../clock.ts'
import type { Encryptor } from '../crypto/encryptor.ts'
import type { Emit } from '../events.ts'
import type { RevokeOutcome, SessionFilter, SessionStore } from '../store/session-store.ts'
import type { LogoutMarks } from './logout-marks.ts'
import type { Revocation, SessionHandle, SessionRecord, SessionTokens } from './model.ts'
import { openTokens } from './seal.ts'
import type { TokenRevocation } from './token-revocation.ts'

export interface EndingDependencies {
  readonly store: SessionStore
  readonly encryptor: Encryptor
  readonly revocation: TokenRevocation
  readonly marks: LogoutMarks
  readonly clock: Clock
  readonly emit: Emit
}

type EndedBy = Omit<Revocation, 'at'>

/** Ends sessions: here, at once. What the provider must know of it, it is told in the background (LGO-17). */
export interface SessionEnding {
  /**
   * With the session's last tokens, where they are known. `null` when there is no such session.
   *
   * @param options.revokeTokens `false` when its refresh token is of no use any more. @default true
   */
  end(
    handle: SessionHandle,
    by: EndedBy,
    options?: { readonly revokeTokens?: boolean },
  ): Promise<{ outcome: RevokeOutcome['outcome']; tokens: SessionTokens | null } | null>
  /**
   * Every active session the filter matches; what was ended, newest first. A sign-in under way that would make one more is
   * refused when it arrives.
   *
   * @throws BffError `store_unavailable`, also when the sessions have ended and sign-ins under way could not be told
   */
  endAll(filter: SessionFilter, by: EndedBy): Promise<readonly SessionRecord[]>
  /**
   * Runs `create`, which may evict sessions of the user, and tells what it evicted.
   *
   * The new session lives, so that the evicted ones' tokens are left alone, unless every token is to be revoked.
   */
  evicting(
    user: Pick<SessionRecord, 'userId' | 'issuer'>,
    create: () => Promise<{ readonly evicted: readonly SessionHandle[] }>,
  ): Promise<void>
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
    owner: Pick<SessionRecord, 'handle' | 'userId' | 'issuer'>,
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
      // What could be ended has ended; but whoever is told so must not be let in again by a sign-in from before.
      if (marked.status === 'rejected') throw marked.reason
      return records
    },

    async evicting({ userId, issuer }, create) {
      const tokens = revocation.isUnconditional ? await allLastTokens({ userId, issuer }) : null
      const { evicted } = await create()
      for (const handle of evicted) ended({ handle, userId, issuer }, EVICTED_BY, tokens?.get(handle))
    },
  }
}
